/** The parts of a request that the API reads. */
export interface PlainRequest {
  readonly method: string;
  /** As in the URL: not decoded. */
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
  /** Whether the request has the key header. The header may be empty. */
  readonly hasKey: boolean;
  readonly contentType: string | undefined;
  /** Empty for a request without a body, undefined for a body that is not UTF-8. */
  readonly body: string | undefined;
}
