import { afterAll, describe, expect, test } from "vitest";
import { examples, type OperationName, operations } from "../src/generated/operations.gen.js";
import {
  ApiError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  GoneError,
  InsufficientCreditsError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  ValidationError,
} from "../src/index.js";
import { type ContractRow, contractTable } from "./contract-table.js";
import { KEY, mockApi } from "./support/mock-api.js";

interface Case {
  operation: OperationName;
  status: number;
  mediaType: string | undefined;
  example: string;
  source: string;
  value: unknown;
}

type Tree<Leaf, Depth extends unknown[]> = Depth extends [unknown, ...infer Rest]
  ? { readonly [key: string]: Tree<Leaf, Rest> }
  : Leaf;
type Examples = Tree<{ source: string; value: unknown }, [1, 2, 3, 4]>;

/** Every documented response with each of its examples; one without a body is a case of its own. */
const cases = Object.entries(operations).flatMap(([operation, { responses }]) =>
  Object.entries<readonly string[]>(responses).flatMap(([status, mediaTypes]): Case[] => {
    const common = { operation: operation as OperationName, status: Number(status) };
    if (mediaTypes.length === 0) {
      return [{ ...common, mediaType: undefined, example: "no body", source: "documented", value: undefined }];
    }
    return mediaTypes.flatMap((mediaType) =>
      Object.entries((examples as Examples)[operation]?.[status]?.[mediaType] ?? {}).map(([example, entry]) => ({
        ...common,
        mediaType,
        example,
        ...entry,
      })),
    );
  }),
);

const CLASSES: Record<number, typeof ApiError> = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  406: InsufficientCreditsError,
  409: ConflictError,
  410: GoneError,
  422: ValidationError,
  429: RateLimitError,
  500: ServerError,
};

const api = mockApi();
const proved = new Set<string>();

describe.each(cases)("$operation -> $status $mediaType, $source example “$example”", (each) => {
  const row: ContractRow = contractTable[each.operation];
  const body = each.mediaType === undefined ? undefined : JSON.stringify(each.value);
  const headers: Record<string, string> = each.mediaType === undefined ? {} : { "content-type": each.mediaType };

  test("is asked for as the contract says, and gives what it documents", async () => {
    api.answer({ status: each.status, headers, body });
    const outcome = await row.call(api.databar).then(
      (data) => ({ data }),
      (error: unknown) => ({ error }),
    );
    expect(api.seen).toEqual([
      {
        method: operations[each.operation].method,
        pathname: row.pathname,
        search: row.search ?? "",
        key: KEY,
        body: row.body,
      },
    ]);
    if (each.status < 300) {
      expect(outcome).toEqual({ data: each.value });
    } else {
      expectApiError("error" in outcome ? outcome.error : undefined, each);
    }
    proved.add(`${each.operation} ${each.status} ${each.mediaType}`);
  });
});

function expectApiError(error: unknown, { operation, status, value }: Case): void {
  if (!(error instanceof ApiError)) {
    throw new Error(`expected an ApiError, got ${String(error)}`);
  }
  expect(error.constructor).toBe(CLASSES[status]);
  expect(error).toMatchObject({ operation, status, path: operations[operation].path, body: value, attempts: 1 });
  expect(error.message).toMatch(/^[A-Z]+ \/\S+ -> \d{3}: \S.*$/);
  const { detail } = value as { detail?: unknown };
  if (error instanceof ValidationError && Array.isArray(detail)) {
    expect(error.issues).toEqual(
      detail.map(({ loc, msg, type }) => ({ path: loc.join("."), loc, message: msg, type })),
    );
  }
}

test("every documented response has been proved", () => {
  const documented = Object.entries(operations).flatMap(([name, { responses }]) =>
    Object.entries<readonly string[]>(responses).flatMap(([status, mediaTypes]) =>
      (mediaTypes.length > 0 ? mediaTypes : [undefined]).map((mediaType) => `${name} ${status} ${mediaType}`),
    ),
  );
  expect([...proved].sort()).toEqual(documented.sort());
});

afterAll(() => {
  console.log(
    `Contract: ${Object.keys(operations).length} operations, ${proved.size} documented responses, ${cases.length} examples replayed.`,
  );
});
