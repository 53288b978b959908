/** Reads response bodies. */

/** The body is larger than the limit. */
export class BodyTooLarge extends Error {}

/** What was read of a body. */
export interface ReceivedBody {
  bytes: Uint8Array;
  /** Why it is incomplete. */
  error?: unknown;
}

/**
 * Reads a whole body, but no more than `maxBytes`. If that fails, returns why, and of an error response what arrived.
 */
export async function readBody(response: Response, maxBytes: number, signal: AbortSignal): Promise<ReceivedBody> {
  const chunks: Uint8Array[] = [];
  if (response.ok && Number(response.headers.get("content-length")) > maxBytes) {
    discardBody(response);
    return { bytes: new Uint8Array(), error: new BodyTooLarge() };
  }
  try {
    if (!response.body) {
      return { bytes: new Uint8Array(await response.arrayBuffer()) };
    }
    const reader = response.body.getReader();
    const cancel = () => void reader.cancel().catch(() => {});
    // The body of a custom fetch may ignore the signal.
    signal.addEventListener("abort", cancel);
    for (let room = maxBytes; ; ) {
      const { done, value } = await reader.read();
      if (done) {
        return { bytes: join(chunks) };
      }
      chunks.push(value.subarray(0, room));
      room -= value.byteLength;
      if (room < 0) {
        cancel();
        throw new BodyTooLarge();
      }
    }
  } catch (error) {
    // Nobody reads an incomplete success: joining its parts would double the memory.
    const bytes = response.ok ? new Uint8Array() : join(chunks);
    return { bytes, error: error ?? new Error("The body is incomplete") };
  }
}

/** Releases a body that nobody reads, and its connection. */
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
