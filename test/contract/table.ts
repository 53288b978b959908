import type { examples } from "../../src/generated/examples.gen.js";
import type { OperationName } from "../../src/generated/operations.gen.js";
import type { Databar } from "../../src/index.js";

/** The type of an operation's request examples. `undefined` if the operation has no request body. */
type Body<Name extends OperationName> = (typeof examples)[Name] extends {
  request: { "application/json": infer Examples };
}
  ? { [Key in keyof Examples]: Examples[Key] extends { value: infer Value } ? Value : never }[keyof Examples]
  : undefined;

/** How the client calls an operation, and the request that it must send. */
export interface ContractRow<Name extends OperationName> {
  /** Called with each request example of the operation, which must reach the server unchanged. */
  call: (databar: Databar, body: Body<Name>) => Promise<unknown>;
  pathname: string;
  /** The expected query. Default: none. */
  search?: string;
}

const TABLE = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
const COLUMN = "42902e11-fa09-4abd-a627-77c07fc40cde";
const FLOW = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

/** One row for each operation of the contract. TypeScript reports an operation without a row. */
export const contractTable = {
  "user.me": {
    call: (databar) => databar.user.me(),
    pathname: "/v1/user/me",
  },
  "tasks.get": {
    call: (databar) => databar.tasks.get("abc123", { include_partial: true }),
    pathname: "/v1/tasks/abc123",
    search: "?include_partial=true",
  },
  "tasks.cancel": {
    call: (databar) => databar.tasks.cancel("abc123"),
    pathname: "/v1/tasks/abc123/cancel",
  },
  "enrichments.list": {
    call: (databar) => databar.enrichments.list({ q: "e mail", authorized_only: false }),
    pathname: "/v1/enrichments/",
    search: "?q=e%20mail&authorized_only=false",
  },
  "enrichments.get": {
    call: (databar) => databar.enrichments.get(833),
    pathname: "/v1/enrichments/833",
  },
  "enrichments.choices": {
    call: (databar) => databar.enrichments.choices(833, "job title", { q: "eng", page: 2, limit: 500 }),
    pathname: "/v1/enrichments/833/params/job%20title/choices",
    search: "?q=eng&page=2&limit=500",
  },
  "enrichments.run": {
    call: (databar, body) => databar.enrichments.run(833, body),
    pathname: "/v1/enrichments/833/run",
  },
  "enrichments.bulkRun": {
    call: (databar, body) => databar.enrichments.bulkRun(833, body),
    pathname: "/v1/enrichments/833/bulk-run",
  },
  "waterfalls.list": {
    call: (databar) => databar.waterfalls.list(),
    pathname: "/v1/waterfalls/",
  },
  "waterfalls.get": {
    call: (databar) => databar.waterfalls.get("email_getter"),
    pathname: "/v1/waterfalls/email_getter",
  },
  "waterfalls.run": {
    call: (databar, body) => databar.waterfalls.run("email_getter", body),
    pathname: "/v1/waterfalls/email_getter/run",
  },
  "waterfalls.bulkRun": {
    call: (databar, body) => databar.waterfalls.bulkRun("email_getter", body),
    pathname: "/v1/waterfalls/email_getter/bulk-run",
  },
  "flows.list": {
    call: (databar) => databar.flows.list(),
    pathname: "/v1/flows",
  },
  "flows.get": {
    call: (databar) => databar.flows.get(FLOW),
    pathname: `/v1/flows/${FLOW}`,
  },
  "flows.create": {
    call: (databar, body) => databar.flows.create(body),
    pathname: "/v1/flows",
  },
  "flows.replace": {
    call: (databar, body) => databar.flows.replace(17, body),
    pathname: "/v1/flows/17",
  },
  "flows.update": {
    call: (databar, body) => databar.flows.update(FLOW, body),
    pathname: `/v1/flows/${FLOW}`,
  },
  "flows.editConfig": {
    call: (databar, body) => databar.flows.editConfig(FLOW, body),
    pathname: `/v1/flows/${FLOW}/config`,
  },
  "flows.validateConfig": {
    call: (databar, body) => databar.flows.validateConfig(body),
    pathname: "/v1/flows/validate-config",
  },
  "flows.estimateCost": {
    call: (databar, body) => databar.flows.estimateCost(body),
    pathname: "/v1/flows/cost-estimate",
  },
  "flows.delete": {
    call: (databar) => databar.flows.delete(FLOW),
    pathname: `/v1/flows/${FLOW}`,
  },
  "flows.run": {
    call: (databar, body) => databar.flows.run(FLOW, body),
    pathname: `/v1/flows/${FLOW}/run`,
  },
  "flows.bulkRun": {
    call: (databar, body) => databar.flows.bulkRun(FLOW, body),
    pathname: `/v1/flows/${FLOW}/bulk-run`,
  },
  "flows.listVersions": {
    call: (databar) => databar.flows.listVersions(FLOW, { page: 2, limit: 10 }),
    pathname: `/v1/flows/${FLOW}/versions`,
    search: "?page=2&limit=10",
  },
  "flows.getVersion": {
    call: (databar) => databar.flows.getVersion(FLOW, 3),
    pathname: `/v1/flows/${FLOW}/versions/3`,
  },
  "flows.restoreVersion": {
    call: (databar, body) => databar.flows.restoreVersion(FLOW, 3, body),
    pathname: `/v1/flows/${FLOW}/versions/3/restore`,
  },
  "tables.list": {
    call: (databar) => databar.tables.list(),
    pathname: "/v1/table/",
  },
  "tables.create": {
    call: (databar, body) => databar.tables.create(body),
    pathname: "/v1/table/create",
  },
  "tables.rename": {
    call: (databar, body) => databar.tables.rename(TABLE, body),
    pathname: `/v1/table/${TABLE}`,
  },
  "tables.delete": {
    call: (databar) => databar.tables.delete(TABLE),
    pathname: `/v1/table/${TABLE}`,
  },
  "tables.columns.list": {
    call: (databar) => databar.tables.columns.list(TABLE),
    pathname: `/v1/table/${TABLE}/columns`,
  },
  "tables.columns.create": {
    call: (databar, body) => databar.tables.columns.create(TABLE, body),
    pathname: `/v1/table/${TABLE}/columns`,
  },
  "tables.columns.rename": {
    call: (databar, body) => databar.tables.columns.rename(TABLE, COLUMN, body),
    pathname: `/v1/table/${TABLE}/columns/${COLUMN}`,
  },
  "tables.columns.delete": {
    call: (databar) => databar.tables.columns.delete(TABLE, COLUMN),
    pathname: `/v1/table/${TABLE}/columns/${COLUMN}`,
  },
  "tables.rows.list": {
    call: (databar) => databar.tables.rows.list(TABLE, { page: 2, filter: { company: { equals: "OpenAI" } } }),
    pathname: `/v1/table/${TABLE}/rows`,
    search: "?page=2&per_page=100&filter=%7B%22company%22%3A%7B%22equals%22%3A%22OpenAI%22%7D%7D",
  },
  "tables.rows.insert": {
    call: (databar, body) => databar.tables.rows.insert(TABLE, body),
    pathname: `/v1/table/${TABLE}/rows`,
  },
  "tables.rows.update": {
    call: (databar, body) => databar.tables.rows.update(TABLE, body),
    pathname: `/v1/table/${TABLE}/rows`,
  },
  "tables.rows.upsert": {
    call: (databar, body) => databar.tables.rows.upsert(TABLE, body),
    pathname: `/v1/table/${TABLE}/rows/upsert`,
  },
  "tables.rows.delete": {
    call: (databar, body) => databar.tables.rows.delete(TABLE, body),
    pathname: `/v1/table/${TABLE}/rows/delete`,
  },
  "tables.enrichments.list": {
    call: (databar) => databar.tables.enrichments.list(TABLE),
    pathname: `/v1/table/${TABLE}/enrichments`,
  },
  "tables.enrichments.add": {
    call: (databar, body) => databar.tables.enrichments.add(TABLE, body),
    pathname: `/v1/table/${TABLE}/add-enrichment`,
  },
  "tables.enrichments.run": {
    call: (databar, body) => databar.tables.enrichments.run(TABLE, 42, body),
    pathname: `/v1/table/${TABLE}/run-enrichment/42`,
  },
  "tables.waterfalls.list": {
    call: (databar) => databar.tables.waterfalls.list(TABLE),
    pathname: `/v1/table/${TABLE}/waterfalls`,
  },
  "tables.waterfalls.add": {
    call: (databar, body) => databar.tables.waterfalls.add(TABLE, body),
    pathname: `/v1/table/${TABLE}/add-waterfall`,
  },
  "tables.exporters.list": {
    call: (databar) => databar.tables.exporters.list(TABLE),
    pathname: `/v1/table/${TABLE}/exporters`,
  },
  "tables.exporters.add": {
    call: (databar, body) => databar.tables.exporters.add(TABLE, body),
    pathname: `/v1/table/${TABLE}/add-exporter`,
  },
  "exporters.list": {
    call: (databar) => databar.exporters.list({ q: "sheets" }),
    pathname: "/v1/exporters/",
    search: "?q=sheets",
  },
  "exporters.get": {
    call: (databar) => databar.exporters.get(5, { authorization: 9 }),
    pathname: "/v1/exporters/5",
    search: "?authorization=9",
  },
  "connectors.list": {
    call: (databar) => databar.connectors.list(),
    pathname: "/v1/connectors/",
  },
  "connectors.get": {
    call: (databar) => databar.connectors.get(42),
    pathname: "/v1/connectors/42",
  },
  "connectors.create": {
    call: (databar, body) => databar.connectors.create(body),
    pathname: "/v1/connectors/",
  },
  "connectors.replace": {
    call: (databar, body) => databar.connectors.replace(42, body),
    pathname: "/v1/connectors/42",
  },
  "connectors.delete": {
    call: (databar) => databar.connectors.delete(42),
    pathname: "/v1/connectors/42",
  },
  "folders.list": {
    call: (databar) => databar.folders.list(),
    pathname: "/v1/folders",
  },
  "folders.create": {
    call: (databar, body) => databar.folders.create(body),
    pathname: "/v1/folders",
  },
  "folders.rename": {
    call: (databar, body) => databar.folders.rename(7, body),
    pathname: "/v1/folders/7",
  },
  "folders.delete": {
    call: (databar) => databar.folders.delete(7),
    pathname: "/v1/folders/7",
  },
  "folders.moveTable": {
    call: (databar, body) => databar.folders.moveTable(body),
    pathname: "/v1/folders/move-table",
  },
} satisfies { [Name in OperationName]: ContractRow<Name> };
