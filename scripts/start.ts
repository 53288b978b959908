/**
 * `npm start`: lists the connectors of your workspace. It reads the key from `DATABAR_API_KEY` and, if set, the address
 * from `DATABAR_BASE_URL`. Without a key, it lists the connectors of an embedded replay server.
 */
import { AbortError, type Connector, Databar, DatabarError } from "../src/index.js";
import { startReplayServer } from "../src/testing/server.js";
import { connectorTable } from "./connector-table.js";

async function main(): Promise<void> {
  if (process.env.DATABAR_API_KEY) {
    const connectors = await list(new Databar({ baseUrl: process.env.DATABAR_BASE_URL }));
    console.log(`Connectors of your workspace:\n\n${connectorTable(connectors, process.stdout.columns)}`);
    return;
  }
  const server = await startReplayServer();
  try {
    console.log(
      `DATABAR_API_KEY is not set. Connectors of an embedded server at ${server.url}, which replays the contract's examples:\n`,
    );
    console.log(
      connectorTable(await list(new Databar({ apiKey: "no-key-needed", baseUrl: server.url })), process.stdout.columns),
    );
  } finally {
    await server.close();
  }
}

async function list(databar: Databar): Promise<Connector[]> {
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once("SIGINT", stop);
  try {
    return await databar.connectors.list({ signal: interrupt.signal });
  } finally {
    process.off("SIGINT", stop);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof DatabarError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = error instanceof AbortError ? 130 : 1;
}
