import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/support/closing-line.js";

export default defineConfig({
  test: {
    environment: "node",
    include: ["test/**/*.test.ts"],
    reporters: ["default", new ClosingLine()],
    unstubEnvs: true,
    restoreMocks: true,
  },
});
