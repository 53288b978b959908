/** What a call returns: the data with its response, as a promise. */

/** A result together with the HTTP response that it came in. */
export interface WithResponse<T> {
  data: T;
  /** Status, headers and URL. The body has been read. */
  response: Response;
}

/** A promise of the data. `withResponse()` returns the response as well. */
export type ApiPromise<T> = Promise<T> & {
  /** The data together with the HTTP response: status, headers, URL. */
  withResponse(): Promise<WithResponse<T>>;
};

/** Makes an {@link ApiPromise} of a call. */
export function apiPromise<T>(call: Promise<WithResponse<T>>): ApiPromise<T> {
  const data = call.then((result) => result.data);
  return Object.assign(data, {
    withResponse() {
      // The caller handles the rejection of this promise. The unused data promise must not report a second one.
      data.catch(() => {});
      return call;
    },
  });
}
