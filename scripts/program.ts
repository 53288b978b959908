/** The end of each command: its exit code, and its message for an expected error. */
import { ContractError } from "./contract/document.js";

/**
 * Returns the exit code of `main`. For an error that a user can correct, prints its message and returns `failure`.
 *
 * @param explain - The message of such an error. Any other error is thrown. Default: the message of a ContractError.
 */
export async function exitCodeOf(
  main: () => Promise<number>,
  failure: number,
  explain = (error: unknown): string | undefined => (error instanceof ContractError ? error.message : undefined),
): Promise<number> {
  try {
    return await main();
  } catch (error) {
    const message = explain(error);
    if (message === undefined) {
      throw error;
    }
    console.error(message);
    return failure;
  }
}
