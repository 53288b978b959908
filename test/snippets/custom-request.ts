import { Databar } from "databar-client";

const databar = new Databar();

interface Usage {
  requests: number;
}

const usage = await databar.request<Usage>("GET", "/v1/usage", { query: { days: 7 }, timeoutMs: 5_000 });
console.log(usage.requests, "requests");
