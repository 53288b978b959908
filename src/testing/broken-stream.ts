/** A body that ends with a broken connection: the bytes arrive, then reading fails. */
export function brokenStream(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let isSent = false;
  return new ReadableStream({
    pull(controller) {
      if (isSent) {
        controller.error(new TypeError("terminated"));
      } else {
        isSent = true;
        controller.enqueue(bytes);
      }
    },
  });
}
