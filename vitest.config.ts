import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/support/closing-line.js";

/** The README's code imports the package by its name, and gets the source. */
const source = (file: string): string => fileURLToPath(new URL(`src/${file}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      "databar-client/jobs": source("jobs/index.ts"),
      "databar-client/testing": source("testing/index.ts"),
      "databar-client/logging": source("logging/index.ts"),
      "databar-client/otel": source("otel/index.ts"),
      "databar-client/drift": source("drift/index.ts"),
      "databar-client": source("index.ts"),
    },
  },
  test: {
    environment: "node",
    include: ["test/**/*.test.ts", "test/samples/vitest.sample.js"],
    reporters: ["default", new ClosingLine()],
    unstubEnvs: true,
    restoreMocks: true,
    // All cores: by default vitest leaves one free, which on two cores doubles the time.
    maxWorkers: "100%",
    // A machine that is busy with something else must not fail a test.
    testTimeout: 30_000,
  },
});
