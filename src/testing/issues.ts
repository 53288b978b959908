/** The entries of a 422, as pydantic 2 writes them. */

/** Where in the request: `header`, `path`, `query` or `body` first, then names and indices. */
export type Location = readonly (string | number)[];

/** One thing that is wrong with a request. */
export interface Issue {
  readonly type: string;
  readonly loc: Location;
  readonly msg: string;
  /** What was sent there. */
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** Makes an issue, with its keys in the order in which the server sends them. */
export function issue(
  type: string,
  loc: Location,
  msg: string,
  input: unknown,
  ctx?: Readonly<Record<string, unknown>>,
): Issue {
  return { type, loc, msg, input, ...(ctx && { ctx }) };
}

/** A required value that was not sent. */
export function missing(loc: Location, input: unknown): Issue {
  return issue("missing", loc, "Field required", input);
}
