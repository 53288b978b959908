/** Types that read the generated contract: what a route takes and what it returns. */
import type { RequestBodyOption } from "openapi-fetch";
import type { paths } from "../generated/schema.gen.js";

/** The contract's operation for a route such as `GET /v1/connectors/`. */
export type OperationOf<Route> = Route extends `${infer Method} ${infer Path extends keyof paths}`
  ? paths[Path][Lowercase<Method> & keyof paths[Path]]
  : never;

/** What a route takes: path, query, header and cookie values, and a body. */
export type CallInit<Route> = ParametersOf<OperationOf<Route>> & RequestBodyOption<OperationOf<Route>>;

type ParametersOf<Operation> = Operation extends { parameters: infer Parameters } ? Parameters : never;

type SuccessStatus = 200 | 201 | 202 | 204;

/** What a route returns: the documented body of its success, `void` if it has none. */
export type Success<Route> =
  OperationOf<Route> extends { responses: infer Responses }
    ? Responses[keyof Responses & SuccessStatus] extends { content: infer Content }
      ? Content[keyof Content]
      : // biome-ignore lint/suspicious/noConfusingVoidType: it is the return type of a method that returns nothing
        void
    : never;

/** The query of a route. */
export type Query<Route> = NonNullable<
  ParametersOf<OperationOf<Route>> extends { query?: infer Values } ? Values : never
>;
