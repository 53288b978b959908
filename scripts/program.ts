/** What the contract's commands have in common: how they end. */
import { ContractError } from "./contract/document.js";

/**
 * The exit code of a command: that of `main`, or `failure` after the message of an error that a user can mend.
 *
 * @param explain - The message for such an error, `undefined` for any other, which is thrown. Default: a ContractError's.
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
