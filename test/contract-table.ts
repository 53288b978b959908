import type { OperationName } from "../src/generated/operations.gen.js";
import type { Databar } from "../src/index.js";

/** How the facade reaches an operation, and the request that must come of it. */
export interface ContractRow {
  call: (databar: Databar) => Promise<unknown>;
  pathname: string;
  search?: string;
  body?: unknown;
}

/** One row per operation of the contract: a new operation does not compile until it has its row. */
export const contractTable = {
  "connectors.list": {
    call: (databar) => databar.connectors.list(),
    pathname: "/v1/connectors/",
  },
} satisfies Record<OperationName, ContractRow>;
