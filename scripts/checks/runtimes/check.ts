/** The checks of a conformance program. It runs in runtimes that have no test runner. */

/** A check and its result. */
export interface Outcome {
  name: string;
  /** What is wrong. `undefined` where the check passed. */
  error?: string | undefined;
}

/** A check that has not run yet. */
export interface Check {
  name: string;
  run: () => Promise<unknown>;
}

const MAX_MS = 15_000;

/** Runs one check, for at most 15 s. */
export async function runCheck({ name, run }: Check): Promise<Outcome> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took more than ${MAX_MS / 1_000} s`)), MAX_MS);
  });
  try {
    await Promise.race([run(), late]);
    return { name };
  } catch (error) {
    return { name, error: String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Compares by JSON. */
export function equal(actual: unknown, expected: unknown, what = ""): void {
  const [is, should] = [actual, expected].map((value) => JSON.stringify(value));
  if (is !== should) {
    throw new Error(`${what && `${what}: `}${is} is not ${should}`);
  }
}

/** Returns the error that a promise rejects with. The error must be an instance of `kind`. */
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
