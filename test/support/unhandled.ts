import { afterAll, beforeAll } from "vitest";

/** Collects the rejections that nobody handles while a file's tests run; the file says when there must be none. */
export function unhandledRejections(): readonly unknown[] {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => {
    unhandled.push(reason);
  };
  beforeAll(() => {
    process.on("unhandledRejection", note);
  });
  afterAll(() => {
    process.off("unhandledRejection", note);
  });
  return unhandled;
}
