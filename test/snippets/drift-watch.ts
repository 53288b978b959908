import { Databar } from "databar-client";
import { driftSettled, formatDrift, watchDrift } from "databar-client/drift";

const databar = new Databar({
  hooks: watchDrift({ onDrift: (drift) => console.log(formatDrift(drift)) }),
});

await databar.connectors.list();
await driftSettled();
