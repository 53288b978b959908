import { Databar, NotFoundError } from "databar-client";

const databar = new Databar();

try {
  await databar.connectors.delete(42);
} catch (error) {
  if (!(error instanceof NotFoundError)) throw error;
  console.log("there is no connector 42");
}
