/** Types that read the generated contract: what a route takes and what it gives. */
import type { ParamsOption, RequestBodyOption } from "openapi-fetch";
import type { paths } from "../generated/schema.gen.js";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** The paths that have an operation for a method. */
export type PathOf<M extends Method> = {
  [Path in keyof paths]: paths[Path] extends { [Key in M]: { responses: unknown } } ? Path : never;
}[keyof paths];

/** What a route takes: path, query and body. */
export type CallInit<Route> = ParamsOption<Route> & RequestBodyOption<Route>;

type SuccessStatus = 200 | 201 | 202 | 204;

/** What a route gives: the documented body of its success, `void` where it has none. */
export type Success<Route> = Route extends { responses: infer Responses }
  ? Responses[keyof Responses & SuccessStatus] extends { content: infer Content }
    ? Content[keyof Content]
    : // biome-ignore lint/suspicious/noConfusingVoidType: it is a return type, of a method that gives nothing
      void
  : never;

/** The query of a route. */
export type Query<Path extends keyof paths, M extends keyof paths[Path] & Method> = paths[Path][M] extends {
  parameters: { query?: infer Values };
}
  ? NonNullable<Values>
  : never;
