/** The entries of a 422, as pydantic 2 writes them. */

/** The place in the request: first `header`, `path`, `query` or `body`, then names and indices. */
export type Location = readonly (string | number)[];

/** One problem of a request. */
export interface Issue {
  readonly type: string;
  readonly loc: Location;
  readonly msg: string;
  /** The value that was sent. */
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** Makes an issue. Its keys are in the order of the server. */
export function issue(
  type: string,
  loc: Location,
  msg: string,
  input: unknown,
  ctx?: Readonly<Record<string, unknown>>,
): Issue {
  return { type, loc, msg, input, ...(ctx && { ctx }) };
}

/** The issue of a required value that was not sent. */
export function missing(loc: Location, input: unknown): Issue {
  return issue("missing", loc, "Field required", input);
}
