import { Databar } from "databar-client";
import { logTo } from "databar-client/logging";

const databar = new Databar({ hooks: logTo(console, { level: "warn" }) });
await databar.connectors.list();
