/** Reads response bodies. */
import type { Attempt } from "./attempt.js";

/** The body is larger than the limit. */
export class BodyTooLarge extends Error {}

/** What came of a body. */
export interface ReceivedBody {
  bytes: Uint8Array;
  /** Why it is not whole. */
  fault?: unknown;
}

/** Reads a whole body, but no more than `maxBytes`. Where that fails, gives what there is of it. */
export async function readBody(response: Response, maxBytes: number, attempt: Attempt): Promise<ReceivedBody> {
  const chunks: Uint8Array[] = [];
  try {
    if (!response.body) {
      return { bytes: new Uint8Array(await response.arrayBuffer()) };
    }
    const reader = response.body.getReader();
    attempt.cancelBody = () => {
      reader.cancel().catch(() => {});
    };
    for (let room = maxBytes; ; ) {
      const { done, value } = await reader.read();
      if (done) {
        return { bytes: join(chunks) };
      }
      chunks.push(value.subarray(0, room));
      room -= value.byteLength;
      if (room < 0) {
        attempt.cancelBody();
        throw new BodyTooLarge();
      }
    }
  } catch (fault) {
    return { bytes: join(chunks), fault: fault ?? new Error("The body broke off") };
  }
}

/** Lets go of a body that nobody reads, and of its connection. */
export function discardBody(response: Response): void {
  response.body?.cancel().catch(() => {});
}

function join(chunks: Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (only && chunks.length === 1) {
    return only;
  }
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
