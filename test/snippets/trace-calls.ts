import { Databar } from "databar-client";
import { logTo } from "databar-client/logging";
import { traceTo } from "databar-client/otel";

const databar = new Databar({ hooks: logTo(console, { hooks: traceTo() }) });
await databar.connectors.list();
