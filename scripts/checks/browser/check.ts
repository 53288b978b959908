/** What the checks in the page are made of: no test runner is loaded there. */

/** A check and how it went. */
export interface Outcome {
  name: string;
  /** What is wrong; undefined where it passed. */
  error?: string | undefined;
}

/** The checks so far. */
export const outcomes: Outcome[] = [];

/** Runs one check, for at most 5 s. */
export async function check(name: string, run: () => Promise<unknown>): Promise<void> {
  const late = new Promise<never>((_, reject) => setTimeout(reject, 5_000, new Error("took more than 5 s")));
  try {
    await Promise.race([run(), late]);
    outcomes.push({ name });
  } catch (error) {
    outcomes.push({ name, error: String(error) });
  }
}

/** Compares by JSON. */
export function equal(actual: unknown, expected: unknown): void {
  const [is, should] = [actual, expected].map((value) => JSON.stringify(value));
  if (is !== should) {
    throw new Error(`${is} is not ${should}`);
  }
}

/** Gives the error of that class with which a promise must fail. */
export async function failure<Kind>(
  promise: PromiseLike<unknown>,
  kind: new (...args: never[]) => Kind,
): Promise<Kind> {
  const error = await promise.then(
    () => "nothing failed",
    (reason: unknown) => reason,
  );
  if (!(error instanceof kind)) {
    throw new Error(`${error} is not a ${kind.name}`);
  }
  return error;
}
