import { Databar } from "databar-client";

const databar = new Databar();

interface Company {
  id: string;
  Company: string;
}

const tableId = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
const filter = { Company: { contains: "ai" }, email: { is_not_empty: true } } as const;

for await (const row of databar.tables.rows.iterate<Company>(tableId, { per_page: 500, filter })) {
  console.log(row.id, row.Company);
}
