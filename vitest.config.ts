import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/support/closing-line.js";

export default defineConfig({
  // The README's snippets import the package by its name.
  resolve: { alias: { "databar-client": fileURLToPath(new URL("./src/index.ts", import.meta.url)) } },
  test: {
    environment: "node",
    include: ["test/**/*.test.ts"],
    reporters: ["default", new ClosingLine()],
    unstubEnvs: true,
    restoreMocks: true,
  },
});
