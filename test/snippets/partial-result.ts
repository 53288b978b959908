import { Databar } from "databar-client";

const databar = new Databar();

const domains = ["stripe.com", "unknown.example", "broken.example"];
const params = domains.map((domain) => ({ domain }));

const { status, data, error, progress } = await databar.enrichments.bulkRunAndWait(833, { params });
console.log(status, "-", error);
console.log(progress?.completed, "found,", progress?.no_data, "not found,", progress?.failed, "failed");

const open = domains.filter((_, index) => data?.[index] === null);
console.log("without a result:", open.join(", "));
