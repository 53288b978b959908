/** What the functions that a caller passes in give, checked. */
import { DatabarError } from "../errors/classes.js";
import { type ApiKey, checkKey } from "../options.js";

/** A `fetch` of the caller's own may give something else. */
export function checkResponse(response: Response): Response {
  if (typeof response?.headers?.get !== "function") {
    throw new TypeError("fetch did not give a Response");
  }
  return response;
}

/** Asks the caller's function for the key. */
export async function askForKey(apiKey: Extract<ApiKey, () => unknown>): Promise<string> {
  let key: string;
  try {
    key = await apiKey();
  } catch (cause) {
    throw new DatabarError("The apiKey function failed", { cause });
  }
  checkKey(key);
  return key;
}
