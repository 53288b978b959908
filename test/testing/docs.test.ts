/** docs/testing.md: its programs are the tested ones, and its tables are complete. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";

const docs = readFileSync("docs/testing.md", "utf8");
const samples = readdirSync("test/samples").filter((file) => file.endsWith(".sample.js"));

test.each(samples)("docs/testing.md contains %s as it is tested", (file) => {
  expect(docs).toContain(`\`\`\`js\n${readFileSync(`test/samples/${file}`, "utf8")}\`\`\``);
});

test("docs/testing.md has no other JavaScript", () => {
  expect(docs.match(/^```js$/gm)).toHaveLength(samples.length);
});

test("the simulator's program in docs/testing.md prints what its comments say", async () => {
  const printed: unknown[] = [];
  vi.spyOn(console, "log").mockImplementation((value) => printed.push(value));
  // A variable, because the sample has no types.
  const sample = "../samples/simulator.sample.js";
  await import(/* @vite-ignore */ sample);
  expect(printed).toEqual([
    [{ email: "info@stripe.com" }, null],
    { balance: 99, reserved: 0, spent: 1, refunded: 1 },
    1,
  ]);
});

test("the tables in docs/testing.md list every option and every field of the state", () => {
  const fieldsOf = (file: string, name: string): string[] => {
    const text = readFileSync(`src/testing/simulator/${file}.ts`, "utf8");
    const body = new RegExp(`export interface ${name} \\{\\n(.*?)\\n\\}`, "s").exec(text)?.[1] ?? "";
    return [...body.matchAll(/^ {2}(?:readonly )?(\w+)[?(]?[:?(]/gm)].map(([, field = ""]) => field);
  };
  const fields = [
    ...fieldsOf("options", "SimulatorOptions"),
    ...fieldsOf("core", "SimulatorState"),
    ...fieldsOf("core", "Counters"),
    ...fieldsOf("credits", "Credits"),
  ];
  expect(fields.length).toBeGreaterThan(24);
  expect(fields.filter((field) => !new RegExp(`\`${field}[\`(]`).test(docs))).toEqual([]);
});
