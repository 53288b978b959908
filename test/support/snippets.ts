/** The server's responses to each code block of the guides, and the output of the code. */
import { HttpResponse } from "msw";
import type { SimulatorOptions } from "../../src/testing/index.js";
import { pathOf } from "./contract-requests.js";

/** A prefix of `METHOD /path` and the response: a `Response` or a value for JSON. The first matching route applies. */
export type Routes = [start: string, answer: (request: Request, call: number) => unknown][];

export type Snippet =
  | { routes: Routes; prints: string[] }
  /** The requests go to the simulator. */
  | { workspace: SimulatorOptions; prints: string[] }
  /** Why the test compiles the snippet but does not run it. */
  | { notRunHere: string };

const CONNECTORS = pathOf("connectors.list");
const CONNECTOR = pathOf("connectors.get", { connector_id: "42" });
const TASK = "5f0d8a4e-2c1b-4f7a-9d36-8e1c7b20a9f4";
const started = () => ({ task_id: TASK, status: "processing" });
const finished = (data: unknown, total = 1) => ({
  task_id: TASK,
  status: "completed",
  credits_spent: 2,
  data,
  progress: { total, completed: 2 },
});

async function rowsOf(request: Request): Promise<object[]> {
  return ((await request.json()) as { rows: object[] }).rows;
}

/** A snippet without an entry runs against the contract's examples and must not throw. */
export const snippets: Record<string, Snippet> = {
  "drift-watch": {
    routes: [
      [`GET ${CONNECTORS}`, () => [{ id: "1", name: "n", type: "simple", method: "get", url: "https://a.example" }]],
    ],
    prints: ["connectors.list 200: $[].id expected integer, found string"],
  },
  "run-job": { notRunHere: "it writes a ledger into the current folder; test/jobs runs such jobs" },
  "job-files": { notRunHere: "it reads and writes files in the current folder; test/jobs runs such jobs" },
  "postgres-ledger": { notRunHere: "it needs a database" },
  "durable-steps": { notRunHere: "it needs a database" },
  "drift-record": { notRunHere: "it writes a file into the current folder" },
  "list-connectors": {
    routes: [[`GET ${CONNECTORS}`, () => [{ id: 1, name: "Scoring", method: "post", url: "https://a.example" }]]],
    prints: ["1 Scoring post https://a.example"],
  },
  "run-enrichment": {
    routes: [
      ["POST /v1/enrichments/833/run", started],
      [`GET /v1/tasks/${TASK}`, () => finished({ email: "david@databar.ai" })],
    ],
    prints: ["david@databar.ai for 2 credits"],
  },
  "bulk-run": {
    routes: [
      ["POST /v1/enrichments/833/bulk-run", started],
      [`GET /v1/tasks/${TASK}`, () => finished([{ employees: 8500 }, null, { employees: 1600 }], 3)],
    ],
    prints: ["completed 2", "stripe.com 8500", "unknown.example no result", "figma.com 1600", "2 of 3"],
  },
  "read-rows": {
    routes: [
      [
        "GET /v1/table/",
        ({ url }) => {
          const page = Number(new URL(url).searchParams.get("page"));
          return { data: [{ id: `row-${page}`, Company: "OpenAI" }], has_next_page: page < 2, page };
        },
      ],
    ],
    prints: ["row-1 OpenAI", "row-2 OpenAI"],
  },
  "upsert-rows": {
    routes: [
      [
        "POST /v1/table/",
        async (request) => ({
          results: (await rowsOf(request)).map((_, index) => ({
            index,
            action: "updated",
            ...(index === 7 && { error: { code: "AMBIGUOUS_MATCH" } }),
          })),
        }),
      ],
    ],
    prints: ["1000 rows, 20 refused"],
  },
  errors: {
    routes: [
      [
        `GET ${CONNECTORS}`,
        () =>
          HttpResponse.json(
            { detail: [{ type: "missing", loc: ["header", "x-apikey"], msg: "Field required" }] },
            { status: 422 },
          ),
      ],
    ],
    prints: ["header.x-apikey Field required"],
  },
  "check-before-retry": {
    routes: [
      ["POST /v1/folders", () => new HttpResponse("", { status: 502 })],
      ["GET /v1/folders", () => [{ id: 1, name: "Leads" }]],
    ],
    prints: ["the folder was created"],
  },
  "time-limit": { routes: [[`GET ${CONNECTORS}`, () => [{ id: 1 }]]], prints: ["1 connectors"] },
  "wait-later": {
    routes: [
      ["POST /v1/enrichments/833/bulk-run", started],
      [`GET /v1/tasks/${TASK}`, () => finished([{ employees: 8500 }])],
    ],
    prints: [`started ${TASK}`, "completed 8500"],
  },
  hooks: {
    routes: [
      [
        `GET ${CONNECTORS}`,
        (_, call) =>
          [
            new HttpResponse("", { status: 503, headers: { "retry-after": "0" } }),
            HttpResponse.error(),
            [{ id: 1 }, { id: 2 }],
          ][call - 1],
      ],
    ],
    prints: [
      "connectors.list 503 attempt 1",
      `connectors.list will be retried: GET ${CONNECTORS} -> 503: Service Unavailable`,
      "connectors.list got no response: ConnectionError",
      `connectors.list will be retried: GET ${CONNECTORS} failed: https://api.databar.ai: connection failed`,
      "connectors.list 200 attempt 3",
      "2 connectors",
    ],
  },
  "options-of-calls": {
    routes: [
      [`GET ${CONNECTOR}`, () => ({ id: 42, name: "Scoring" })],
      [`GET ${CONNECTORS}`, () => [{ id: 42 }]],
    ],
    prints: ["Scoring", "1 connectors, status 200"],
  },
  "custom-request": { routes: [["GET /v1/usage", () => ({ requests: 12 })]], prints: ["12 requests"] },
  "api-client": { routes: [[`GET ${CONNECTOR}`, () => ({ id: 42, name: "Scoring" })]], prints: ["200 Scoring"] },
  "create-connector": {
    routes: [
      [`POST ${CONNECTORS}`, async (request) => ({ ...((await request.json()) as object), id: 42, rate_limit: 60 })],
      [
        `GET ${CONNECTOR}`,
        () => ({ id: 42, name: "Scoring API", type: "enrichment", method: "post", url: "https://a.example" }),
      ],
      [`PUT ${CONNECTOR}`, (request) => request.json()],
    ],
    prints: ["42 60 requests a minute", "Scoring API v2"],
  },
  "duplicate-connector": {
    routes: [
      [
        `GET ${CONNECTOR}`,
        () => ({ id: 42, name: "Scoring API", type: "enrichment", method: "post", url: "https://a.example" }),
      ],
      [`POST ${CONNECTORS}`, async (request) => ({ ...((await request.json()) as object), id: 43 })],
    ],
    prints: ["43 Scoring API (test)"],
  },
  "delete-connector": {
    routes: [[`DELETE ${CONNECTOR}`, () => HttpResponse.json({ detail: "Not found" }, { status: 404 })]],
    prints: ["there is no connector 42"],
  },
  "fill-table": {
    routes: [
      ["POST /v1/table/create", () => ({ identifier: "3fa85f64-5717-4562-b3fc-2c963f66afa6", name: "Leads" })],
      [
        "POST /v1/table/3fa85f64-5717-4562-b3fc-2c963f66afa6/rows",
        async (request) => ({
          results: (await rowsOf(request)).map((_, index) => ({
            index,
            action: index === 0 ? "skipped_duplicate" : "created",
          })),
        }),
      ],
    ],
    prints: ["117 inserted, 3 duplicates"],
  },
  "continue-rows": {
    routes: [
      [
        "POST /v1/table/",
        async (request, call) =>
          call === 3
            ? new HttpResponse("", { status: 400 })
            : { results: (await rowsOf(request)).map((_, index) => ({ index, action: "updated" })) },
      ],
    ],
    prints: ["written: 0 to 99", "100 more"],
  },
  "upsert-faster": {
    routes: [
      [
        "POST /v1/table/",
        async (request) => ({ results: (await rowsOf(request)).map((_, index) => ({ index, action: "created" })) }),
      ],
    ],
    prints: [50, 100, 150, 200, 250, 300, 350, 400].map((written) => `${written} of 400`),
  },
  "enrich-table": {
    routes: [
      ["GET /v1/table/3fa85f64-5717-4562-b3fc-2c963f66afa6/columns", () => [{ identifier: "c-1", name: "email" }]],
      ["POST /v1/table/3fa85f64-5717-4562-b3fc-2c963f66afa6/add-enrichment", () => ({ id: 7 })],
      [
        "POST /v1/table/3fa85f64-5717-4562-b3fc-2c963f66afa6/run-enrichment/7",
        () => ({ status: "queued", processing_rows: 150 }),
      ],
    ],
    prints: ["queued 150 rows"],
  },
  "find-enrichment": {
    routes: [
      [
        "GET /v1/enrichments/833",
        () => ({ id: 833, params: [{ name: "email", is_required: true, type_field: "text" }] }),
      ],
      ["GET /v1/enrichments/", () => ({ items: [{ id: 833, name: "Email lookup", price: 2 }], has_next_page: false })],
    ],
    prints: ["833 Email lookup 2 credits", "email required text"],
  },
  "estimate-cost": { workspace: {}, prints: ["3 inputs cost up to 3 of 1000 credits", "input 2 has no domain"] },
  "cancel-run": {
    routes: [
      ["POST /v1/waterfalls/email_getter/run", started],
      [`POST /v1/tasks/${TASK}/cancel`, () => ({ task_id: TASK, status: "cancelled", credits_spent: 0 })],
      [`GET /v1/tasks/${TASK}`, started],
    ],
    prints: ["cancelled 0 credits spent"],
  },
  "enrich-list": {
    workspace: {
      taskMs: 0,
      result: ({ params }) => (params.domain === "figma.com" ? null : { email: `info@${params.domain}` }),
    },
    prints: ["stripe.com info@stripe.com", "figma.com no result", "1 credits, 1 run"],
  },
  "many-runs": {
    workspace: { taskMs: 0, result: ({ params }) => ({ email: `info@${params.domain}` }) },
    prints: ["3 runs, 250 emails"],
  },
  budget: {
    workspace: { taskMs: 0, result: ({ params }) => ({ email: `info@${params.domain}` }) },
    prints: ["stopped before input 150", "within the budget"],
  },
  "partial-result": {
    workspace: {
      taskMs: 0,
      result: ({ params }) => {
        if (params.domain === "broken.example") {
          throw new Error("The provider did not answer");
        }
        return params.domain === "stripe.com" ? { email: "info@stripe.com" } : null;
      },
    },
    prints: [
      "partially_completed - The provider did not answer",
      "1 found, 1 not found, 1 failed",
      "without a result: unknown.example, broken.example",
    ],
  },
  "resume-runs": {
    workspace: {
      taskMs: 0,
      result: ({ params }) => (params.domain === "notion.so" ? null : { email: `a@${params.domain}` }),
    },
    prints: ["stripe.com a@stripe.com", "figma.com a@figma.com", "notion.so no result"],
  },
  "proxy-process": { notRunHere: "proxies.test.ts runs it in a process of its own" },
  "proxy-client": { notRunHere: "proxies.test.ts runs it in a process of its own" },
};
