/** Usage errors (one line, exit code 2, no request), the API key, and help texts. */
import { describe, expect, test } from "vitest";
import { cli, KEY } from "../support/cli.js";

const TABLE = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

describe("cli usage errors", () => {
  test.each<[given: string, says: RegExp]>([
    ["conectors list", /^error: Unknown command "conectors": did you mean connectors\?$/],
    ["tables rows lst x", /Unknown command "tables rows lst": did you mean tables rows list\?/],
    ["enrichments listPage", /Unknown command "enrichments listPage": did you mean enrichments list-page\?/],
    ["rows list x", /Unknown command "rows": did you mean tables rows\?/],
    ["get 3", /Unknown command "get": did you mean tasks get, enrichments get, waterfalls get or another\?$/],
    ["frobnicate", /Unknown command "frobnicate": databar-client --help shows the commands/],
    ["tables frobnicate", /Unknown command "tables frobnicate": databar-client tables --help shows/],
    ["complation bash", /did you mean completion\?/],
    ["hepl", /Unknown command "hepl": did you mean help\?/],
    ["help conectors", /Unknown command "conectors": did you mean connectors\?/],
    ["completion", /completion needs bash\|zsh\|fish: got none; usage: databar-client completion bash\|zsh\|fish$/],
    ["completion fihs", /No completion for "fihs": did you mean fish\?/],
    ["connectors list --tabel", /Unknown option --tabel: did you mean --table\?/],
    ["enrichments list --category x", /Unknown option --category: .*--query category=\.\.\./],
    ["connectors list --limit 5", /^error: Unknown option --limit: --help shows the options$/],
    ["--limit 5 connectors list", /^error: Unknown option --limit: --help shows the options$/],
    [
      "enrichments list-page --limit 5",
      /^error: Unknown option --limit: a query parameter goes in --query limit=\.\.\.$/,
    ],
    ["connectors list -x", /Unknown option -x: --help shows the options$/],
    ["connectors list --json=yes", /--json takes no value/],
    ["connectors list --json --table", /--json and --table exclude each other/],
    ["connectors list --base-url", /--base-url needs a value: --base-url URL/],
    ["connectors list --base-url --json", /--base-url needs a value/],
    ["connectors list --timeout-ms 5s", /--timeout-ms must be a whole number, got "5s"/],
    ["connectors list --timeout-ms 0", /error: --timeout-ms must be a number of milliseconds above 0/],
    ["connectors list --timeout-ms 1 --timeout-ms 2", /--timeout-ms was given 2 times/],
    ["connectors list --base-url http://example.com", /error: --base-url must use https/],
    ["connectors list 3", /connectors list takes no ids: got 1 value, "3"; usage: databar-client connectors list$/],
    [
      "connectors get",
      /connectors get needs CONNECTOR_ID: got none; usage: databar-client connectors get CONNECTOR_ID$/,
    ],
    ["connectors get 1 2 3", /connectors get takes CONNECTOR_ID: got 3 values, "1 2 3"; usage: /],
    ["connectors get 1 2 3 4 5", /connectors get takes CONNECTOR_ID: got 5 values, "1 2 3 ..."; usage: /],
    ["tables columns delete t", /tables columns delete needs TABLE_UUID COLUMN_ID: got 1 value, "t"; usage: /],
    ["connectors get abc", /CONNECTOR_ID must be an integer, got "abc"/],
    ["connectors get 1.5", /CONNECTOR_ID must be an integer, got "1.5"/],
    ["tables rows list ..", /error: TABLE_UUID must be .* other than "\." and "\.\.": got "\.\."/],
    ["connectors list --query a=1", /connectors list takes no --query: it goes with tasks get, .* and others/],
    ["enrichments list --query page=1", /takes no "page" in its query: accepted are q, authorized_only, category/],
    ["enrichments list --query =1", /takes no "" in its query: accepted are q, authorized_only, category/],
    ["enrichments list --query x=1", /takes no "x" in its query: accepted are q, authorized_only, category/],
    ["enrichments list --query categroy=1", /did you mean category\?/],
    ["enrichments list --query q", /--query q needs a value: --query q=VALUE/],
    ["enrichments list --query q=1 --query q=2", /--query q was given twice/],
    ["enrichments list --query authorized_only=yes", /--query authorized_only must be true or false, got "yes"/],
    ["enrichments list-page --query page=x", /--query page must be an integer from 1, got "x"/],
    ["enrichments list-page --query limit=501", /limit must be a whole number from 1 to 500: got 501/],
    [`tables rows list ${TABLE} --query filter=x`, /--query filter is not JSON: put the JSON in single quotes$/],
    ["connectors create", /connectors create needs --body JSON, --body @FILE or --body -/],
    ["connectors list --body {}", /connectors list takes no --body/],
    ["connectors create --body [1]", /--body must be a JSON object, got a list/],
    ["connectors create --body {x", /--body is not JSON \(.*\): put the JSON in single quotes, or in a file as @FILE/],
    ["connectors create --body secret", /--body is not JSON: put the JSON in single quotes, or in a file as @FILE$/],
    ["connectors create --body @no-such-file.json", /--body @no-such-file\.json: there is no such file/],
    ["connectors create --body @src", /--body @src: it is a directory/],
    ["connectors create --body - --api-key-stdin", /--body - and --api-key-stdin exclude each other/],
    [`tables rows insert-many ${TABLE} --body @no-such-file`, /^error: --body @no-such-file: there is no such file$/],
    [`tables rows insert-many ${TABLE} --settings {}`, /tables rows insert-many needs --body/],
    [`tables rows insert-many ${TABLE} --body - --settings -`, /--body - and --settings - exclude each other/],
    [
      `tables rows insert ${TABLE} --body {} --settings {}`,
      /takes no --settings: it goes with tables rows insert-many/,
    ],
    [
      `tables rows insert ${TABLE} --body {"rows":[]}`,
      /rows must be a list of 1 to 50: got a list of 0; insertMany takes any/,
    ],
    ["connectors get 3 --wait", /connectors get takes no --wait: it goes with enrichments run, .* and others/],
    ["enrichments run 3 --body {} --wait-timeout-ms 3", /enrichments run takes no --wait-timeout-ms/],
  ])("rejects `%s` in one line, without a request", async (given, says) => {
    const { code, stdout, stderr, requests } = await cli(given.split(" "), { stdin: "" });
    expect({ code, stdout, requests }).toEqual({ code: 2, stdout: "", requests: [] });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr.trimEnd()).toMatch(says);
  });
});

describe("cli API key", () => {
  test.each([
    ["--api-key", KEY],
    [`--api-key=${KEY}`],
    ["--apikey", KEY],
    ["--key", KEY],
    ["--token", KEY],
    ["--x-apikey", KEY],
  ])("is refused as the argument %s, and the error does not contain it", async (...args) => {
    const { code, stderr, requests } = await cli(["user", "me", ...args], { env: {} });
    expect({ code, requests }).toEqual({ code: 2, requests: [] });
    expect(stderr).toMatch(/is refused: .*history would see the key; set DATABAR_API_KEY, or .*--api-key-stdin/);
    expect(stderr).not.toContain(KEY);
  });

  test("is read from DATABAR_API_KEY", async () => {
    expect((await cli(["user", "me"])).requests).toMatchObject([{ key: KEY }]);
  });

  test("is read from standard input with --api-key-stdin, even if DATABAR_API_KEY is set", async () => {
    const { code, requests } = await cli(["user", "me", "--api-key-stdin"], { stdin: "other-key-1\n" });
    expect({ code, requests }).toMatchObject({ code: 0, requests: [{ key: "other-key-1" }] });
  });

  test("is not read from the keyboard, where it would be visible", async () => {
    const { code, stderr } = await cli(["user", "me", "--api-key-stdin"], { terminal: ["stdin", "stderr"] });
    expect(code).toBe(2);
    expect(stderr).toContain("from a pipe or a file");
  });

  test.each([
    [[], /No API key: set DATABAR_API_KEY, or pipe the key in with --api-key-stdin/],
    [["--api-key-stdin"], /No API key: standard input was empty/],
  ])("is required, and the error says how to pass it, with arguments %j", async (args, says) => {
    const { code, stderr, requests } = await cli(["user", "me", ...args], { env: {}, stdin: "" });
    expect({ code, requests }).toEqual({ code: 2, requests: [] });
    expect(stderr).toMatch(says);
  });
});

describe("cli help", () => {
  test("of the program lists resources, options and exit codes on stdout", async () => {
    const { code, stdout, stderr } = await cli(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const each of ["user", "tables", "--api-key-stdin", "--yes", "130", "DATABAR_API_KEY"]) {
      expect(stdout).toContain(each);
    }
    expect(stdout).toMatch(/--json +print exact JSON, secrets included/);
  });

  test.each([[[]], [["tables"]], [["tables", "rows"]]])(
    "appears on stderr with exit code 2 for the incomplete command %j",
    async (words) => {
      const { code, stdout, stderr } = await cli(words);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain("Usage");
      expect(await cli([...words, "--help"])).toMatchObject({ code: 0, stdout: stderr });
    },
  );

  test.each([[[]], [["tables"]], [["tables", "rows"]], [["connectors", "list"]], [["mock"]]])(
    "is the same for `help` before the words as for --help after them: %j",
    async (words) => {
      const { code, stdout, stderr } = await cli(["help", ...words]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("Usage");
      expect(await cli([...words, "--help"])).toMatchObject({ stdout });
    },
  );

  test("mentions once that a run spends credits", async () => {
    const { stdout } = await cli(["tables", "enrichments", "run", "--help"]);
    expect(stdout.match(/spends credits/gi)).toEqual(["Spends credits"]);
    expect(stdout.replace(/\s+/g, " ")).toContain("Spends credits. Asks first on a terminal, needs --yes elsewhere.");
    expect((await cli(["user", "me", "--help"])).stdout).not.toContain("--yes elsewhere");
  });

  test("shows types, ranges, defaults and nested fields", async () => {
    const { stdout } = await cli(["tables", "rows", "insert", "--help"]);
    expect(stdout).toMatch(/^ {2}rows +list of 1 to 50 objects, required\./m);
    expect(stdout).toMatch(/^ {4}fields +object, required\./m);
    expect(stdout).toMatch(/^ {6}keys +list of text, default \[\]\./m);
    const list = await cli(["tables", "rows", "list", "--help"]);
    expect(list.stdout).toMatch(/^ {2}per_page +integer from 1 to 500, default 100\./m);
    const sent = await cli(["tables", "rows", "list", TABLE]);
    expect(sent.requests).toMatchObject([{ search: "?per_page=100" }]);
  });

  test.each([40, 80, 120])("fits a terminal of %i columns, except for lines to copy", async (columns) => {
    for (const words of [[], ["tables"], ["tables", "rows"], ["connectors", "create"], ["flows", "run-and-wait"]]) {
      const { stdout } = await cli([...words, "--help"], { terminal: ["stdout"], columns, env: { NO_COLOR: "1" } });
      const lines = stdout.split("\n").filter((line) => !line.startsWith("  databar-client "));
      expect(lines.filter((line) => line.length > Math.max(columns, 60))).toEqual([]);
    }
  });

  test("is not shown for --version, which prints the version of the package", async () => {
    const { default: json } = await import("../../package.json", { with: { type: "json" } });
    expect(await cli(["--version"])).toMatchObject({ code: 0, stdout: `${json.version}\n` });
  });
});
