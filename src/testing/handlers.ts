import { type HttpHandler, HttpResponse, http } from "msw";
import { examples } from "../generated/examples.gen.js";
import { operations } from "../generated/operations.gen.js";

/** An operation of the contract, as the generated table has it. */
interface OperationRecord {
  readonly method: string;
  readonly path: string;
  readonly responses: Readonly<Record<string, readonly string[]>>;
}

type Examples = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, { readonly value: unknown }>>>>>
>;

/** MSW handlers, one per operation: each answers the first example of its documented success, for any host. */
export function createHandlers(): HttpHandler[] {
  return Object.entries<OperationRecord>(operations).map(([name, operation]) =>
    http.all(mswPath(operation.path), ({ request }) => {
      // MSW ignores the last slash and the case of a path; the API does not.
      if (request.method !== operation.method || !pathPattern(operation.path).test(new URL(request.url).pathname)) {
        return undefined;
      }
      const hasKey = request.headers.has("x-apikey");
      return answer(name, operation, hasKey ? successStatus(operation) : "422");
    }),
  );
}

function answer(name: string, operation: OperationRecord, status: string): Response {
  const mediaType = operation.responses[status]?.[0];
  if (mediaType === undefined) {
    return new HttpResponse(null, { status: Number(status) });
  }
  const [example] = Object.values((examples as Readonly<Record<string, Examples>>)[name]?.[status]?.[mediaType] ?? {});
  return new HttpResponse(JSON.stringify(example?.value), {
    status: Number(status),
    headers: { "content-type": mediaType },
  });
}

function successStatus({ responses }: OperationRecord): string {
  return Object.keys(responses).find((status) => status.startsWith("2")) ?? "200";
}

function mswPath(path: string): string {
  return `*${path.replace(/\{(\w+)\}/g, ":$1")}`;
}

function pathPattern(path: string): RegExp {
  return new RegExp(`${path.replace(/[.+]/g, "\\$&").replace(/\{\w+\}/g, "[^/]+")}$`);
}
