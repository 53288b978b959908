import { Databar } from "databar-client";
import { createHandlers, reply } from "databar-client/testing";
import { setupWorker } from "msw/browser";

const worker = setupWorker(...createHandlers());
await worker.start({ onUnhandledRequest: "error" });

worker.use(reply("connectors.list", { body: [] }));
const connectors = await new Databar({ apiKey: "any" }).connectors.list();
document.body.append(`${connectors.length} connectors`);
worker.stop();
