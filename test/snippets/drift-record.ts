import { Databar } from "databar-client";
import { driftSettled, record } from "databar-client/drift";

const databar = new Databar({ hooks: record({ to: "traffic.jsonl" }) });

await databar.flows.list();
await driftSettled();
