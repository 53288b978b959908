import { Databar } from "databar-client";

const databar = new Databar({
  hooks: {
    onResponse: ({ operation, status, attempt }) => console.log(operation, status, `attempt ${attempt}`),
    onRetry: ({ operation, reason }) => console.log(operation, "will be retried:", reason),
    onError: ({ operation, error }) => console.log(operation, "got no response:", error),
  },
});

console.log((await databar.connectors.list()).length, "connectors");
