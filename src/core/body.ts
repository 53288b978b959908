/** Reads and decodes response bodies. */

/** The body is larger than the limit. */
export class BodyTooLarge extends Error {}

/** What came of a body. */
export interface ReceivedBody {
  bytes: Uint8Array;
  /** Why it is not whole. */
  fault: unknown;
}

/** Reads a whole body, but no more than `maxBytes`. Where that fails, gives what there is of it. */
export async function readBody(response: Response, maxBytes: number, signal: AbortSignal): Promise<ReceivedBody> {
  const chunks: Uint8Array[] = [];
  try {
    await collect(response, chunks, maxBytes, signal);
    return { bytes: join(chunks), fault: undefined };
  } catch (fault) {
    return { bytes: join(chunks), fault: fault ?? new Error("The body broke off") };
  }
}

/** Lets go of a body that nobody reads, and of its connection. */
export function discardBody(response: Response): void {
  response.body?.cancel().catch(() => {});
}

async function collect(response: Response, chunks: Uint8Array[], maxBytes: number, signal: AbortSignal): Promise<void> {
  if (!response.body) {
    chunks.push(new Uint8Array(await response.arrayBuffer()));
    return;
  }
  const reader = response.body.getReader();
  const cancel = (): void => {
    reader.cancel().catch(() => {});
  };
  // The body of a caller's own fetch may know nothing of the signal.
  signal.addEventListener("abort", cancel, { once: true });
  for (let room = maxBytes; ; ) {
    const { done, value } = await reader.read();
    signal.throwIfAborted();
    if (done) {
      signal.removeEventListener("abort", cancel);
      return;
    }
    chunks.push(value.subarray(0, room));
    room -= value.byteLength;
    if (room < 0) {
      cancel();
      throw new BodyTooLarge();
    }
  }
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

const strict = new TextDecoder("utf-8", { fatal: true });
const lenient = new TextDecoder();

/** Decodes UTF-8, the only encoding of JSON; a byte-order mark is dropped. Throws where the bytes are not UTF-8. */
export function decodeStrictly(bytes: Uint8Array): string {
  return strict.decode(bytes);
}

/** Decodes what can be decoded, for error messages. */
export function decodeLeniently(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** An error's body: JSON where it is JSON, otherwise text, `undefined` for none. */
export function parseErrorBody(bytes: Uint8Array): unknown {
  const text = decodeLeniently(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text === "" ? undefined : text;
  }
}
