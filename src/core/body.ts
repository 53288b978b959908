/** Reads and decodes response bodies. */

/** The body is larger than the limit. */
export class BodyTooLarge extends Error {}

/** Reads a whole body, but no more than `maxBytes`. */
export async function readBytes(response: Response, maxBytes: number): Promise<Uint8Array> {
  if (!response.body) {
    return new Uint8Array(await response.arrayBuffer());
  }
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return join(chunks, size);
    }
    size += value.byteLength;
    if (size > maxBytes) {
      reader.cancel().catch(() => {});
      throw new BodyTooLarge();
    }
    chunks.push(value);
  }
}

function join(chunks: Uint8Array[], size: number): Uint8Array {
  const [only] = chunks;
  if (only && chunks.length === 1) {
    return only;
  }
  const whole = new Uint8Array(size);
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
