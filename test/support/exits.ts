/** A program whose calls fail, time out or are aborted. It must exit by itself afterwards. */
import { Databar } from "../../src/index.js";
import { listFixtures } from "./fixture-operation.js";

const baseUrl = process.argv[2] ?? "";
const databar = new Databar({ apiKey: "test-key-5f2d", baseUrl, timeoutMs: 30, maxRetries: 1 });
const patient = new Databar({ apiKey: "test-key-5f2d", baseUrl, timeoutMs: 600_000 });
const signal = AbortSignal.timeout(60);

const results = await Promise.allSettled([
  listFixtures(databar),
  databar.enrichments.run(7, { params: {} }),
  databar.folders.delete(7, { timeoutMs: 600_000, maxRetries: 0 }),
  listFixtures(patient, { signal }),
  patient.user.me({ signal }),
  patient.connectors.get(7),
  listFixtures(databar, { signal: AbortSignal.abort() }),
]);
console.log(results.map((result) => (result.status === "rejected" ? result.reason.name : "fulfilled")).join(" "));
