import { Databar, RateLimitError, ValidationError } from "databar-client";

const databar = new Databar({ maxRetries: 0 });

try {
  await databar.connectors.list();
} catch (error) {
  if (error instanceof ValidationError) {
    for (const { path, message } of error.issues) console.log(path, message); // header.x-apikey Field required
  } else if (error instanceof RateLimitError) {
    console.log("try again in", error.retryAfterMs, "ms");
  } else {
    throw error;
  }
}
