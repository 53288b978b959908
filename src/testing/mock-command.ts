/** Where the replay server's command writes, and what ends it. */
export interface MockIo {
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
  /** Ends the server. */
  signal?: AbortSignal;
}

/** `databar-client mock`: a placeholder with the signature alone. */
export async function runMock(_args: string[], _io: MockIo): Promise<number> {
  throw new Error("databar-client mock is not part of this build");
}
