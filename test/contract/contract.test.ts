import { afterAll, expect, test } from "vitest";
import { examples } from "../../src/generated/examples.gen.js";
import { type OperationName, operations } from "../../src/generated/operations.gen.js";
import {
  ApiError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  type Databar,
  GoneError,
  InsufficientCreditsError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  ValidationError,
} from "../../src/index.js";
import { KEY, mockApi } from "../support/mock-api.js";
import { type ContractRow, contractTable } from "./table.js";

interface Case {
  title: string;
  operation: OperationName;
  status: number;
  mediaType: string | undefined;
  value: unknown;
  /** The request body to send: one of the operation's examples. */
  body: unknown;
}

interface Example {
  source: string;
  value: unknown;
}

type Examples = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Example>>>>>>;

/** The examples of a body by name. `status` is an HTTP status or `request`. */
function examplesOf(operation: string, status: string, mediaType: string): [name: string, example: Example][] {
  return Object.entries((examples as Readonly<Record<string, Examples>>)[operation]?.[status]?.[mediaType] ?? {});
}

/** One case for each example of each documented response, and one for each response without a body. */
function responseCases(operation: OperationName): Case[] {
  const [request] = examplesOf(operation, "request", "application/json");
  const common = { operation, body: request?.[1].value };
  return Object.entries<readonly string[]>(operations[operation].responses).flatMap(([text, mediaTypes]): Case[] => {
    const status = Number(text);
    const verb = status < 300 ? "returns" : "throws the error of";
    if (mediaTypes.length === 0) {
      return [
        {
          ...common,
          title: `${operation} returns undefined for the documented ${text} without a body`,
          status,
          mediaType: undefined,
          value: undefined,
        },
      ];
    }
    return mediaTypes.flatMap((mediaType) =>
      examplesOf(operation, text, mediaType).map(([name, { source, value }]) => ({
        ...common,
        title: `${operation} ${verb} the ${source} ${text} ${mediaType} example "${name}"`,
        status,
        mediaType,
        value,
      })),
    );
  });
}

const names = Object.keys(operations) as OperationName[];
const cases = names.flatMap(responseCases);

/** One case for each request example after the first, with the first success response of the operation. */
const requestCases = names.flatMap((operation) => {
  const success = cases.find((each) => each.operation === operation && each.status < 300);
  return examplesOf(operation, "request", "application/json").flatMap(([name, { source, value }], index) =>
    success && index > 0
      ? [{ ...success, title: `${operation} sends the ${source} request example "${name}"`, body: value }]
      : [],
  );
});

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
const covered = new Set<string>();

type AnyRow = Omit<ContractRow<OperationName>, "call"> & {
  call: (databar: Databar, body: unknown) => Promise<unknown>;
};

// `%s`, because Vitest shortens a long value of `$title`.
test.each([...cases, ...requestCases].map((each) => [each.title, each] as const))("%s", async (_, each) => {
  // TypeScript has checked each row against the type of its own body. Here the row gets that body.
  const row = contractTable[each.operation] as AnyRow;
  const headers: Record<string, string> = each.mediaType === undefined ? {} : { "content-type": each.mediaType };
  api.answer({
    status: each.status,
    headers,
    body: each.mediaType === undefined ? undefined : JSON.stringify(each.value),
  });
  const outcome = await row.call(api.databar, each.body).then(
    (data) => ({ data }),
    (error: unknown) => ({ error }),
  );
  expect(api.seen).toEqual([
    {
      method: operations[each.operation].method,
      pathname: row.pathname,
      search: row.search ?? "",
      key: KEY,
      body: each.body,
    },
  ]);
  if (each.status < 300) {
    expect(outcome).toEqual({ data: each.value });
  } else {
    expectApiError("error" in outcome ? outcome.error : undefined, each);
  }
  covered.add(`${each.operation} ${each.status} ${each.mediaType}`);
});

function expectApiError(error: unknown, { operation, status, value }: Case): void {
  if (!(error instanceof ApiError)) {
    throw new Error(`expected an ApiError, got ${String(error)}`);
  }
  if (!CLASSES[status]) {
    throw new Error(`The contract documents status ${status}: add it to src/errors/status.ts and to the table here`);
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

test("every documented response is covered by a case", () => {
  const documented = Object.entries(operations).flatMap(([name, { responses }]) =>
    Object.entries<readonly string[]>(responses).flatMap(([status, mediaTypes]) =>
      (mediaTypes.length > 0 ? mediaTypes : [undefined]).map((mediaType) => `${name} ${status} ${mediaType}`),
    ),
  );
  expect([...covered].sort()).toEqual(documented.sort());
});

afterAll(() => {
  console.log(
    `Contract: ${names.length} operations, ${covered.size} documented responses, ${cases.length + requestCases.length} examples replayed.`,
  );
});
