import { Databar, RequestError } from "databar-client";

const databar = new Databar();

try {
  await databar.folders.create({ name: "Leads" });
} catch (error) {
  if (!(error instanceof RequestError) || !error.mayHaveBeenProcessed) throw error;
  const folders = await databar.folders.list();
  const exists = folders.some(({ name }) => name === "Leads");
  console.log(exists ? "the folder was created" : "the folder was not created: you can send it again");
}
