import { AbortError, Databar } from "databar-client";

const databar = new Databar();

try {
  const connectors = await databar.connectors.list({ signal: AbortSignal.timeout(30_000) });
  console.log(connectors.length, "connectors");
} catch (error) {
  if (!(error instanceof AbortError)) throw error;
  console.log("no result after 30 s:", error.message);
}
