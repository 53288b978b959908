/** MSW's options, for both supported major versions: MSW 3 calls `onUnhandledRequest` `onUnhandledFrame`. */
export const failOnUnhandled = { onUnhandledRequest: "error", onUnhandledFrame: "error" } as const;
export const passUnhandled = { onUnhandledRequest: "bypass", onUnhandledFrame: "bypass" } as const;
