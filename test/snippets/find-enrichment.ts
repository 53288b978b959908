import { Databar } from "databar-client";

const databar = new Databar();

for await (const { id, name, price } of databar.enrichments.iterate({ q: "email" })) {
  console.log(id, name, price, "credits");
}

const { params } = await databar.enrichments.get(833);
for (const { name, is_required, type_field } of params ?? []) {
  console.log(name, is_required ? "required" : "optional", type_field);
}
