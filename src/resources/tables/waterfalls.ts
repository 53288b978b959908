import type { AddWaterfallRequest, AddWaterfallResponse, TableWaterfall } from "../../generated/schema.gen.js";
import type { ApiPromise } from "../../http/api-promise.js";
import type { RequestOptions } from "../../options.js";
import { Resource } from "../resource.js";
import { withoutEmptyProviders } from "../waterfalls.js";

/** Waterfalls installed on a table. `tables.enrichments.run` runs them. */
export class TableWaterfalls extends Resource {
  /**
   * Lists the waterfalls on a table.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   */
  list(tableId: string, options?: RequestOptions): ApiPromise<TableWaterfall[]> {
    return this.call(
      "tables.waterfalls.list",
      "GET /v1/table/{table_uuid}/waterfalls",
      { path: { table_uuid: tableId } },
      options,
    );
  }

  /**
   * Installs a waterfall on a table.
   *
   * @param body - `mapping`: parameter to column; without `enrichments`, or with an empty list, the server uses its default providers.
   * @see https://docs.databar.ai/api-reference/endpoint/tables-add-waterfall
   */
  add(tableId: string, body: AddWaterfallRequest, options?: RequestOptions): ApiPromise<AddWaterfallResponse> {
    return this.call(
      "tables.waterfalls.add",
      "POST /v1/table/{table_uuid}/add-waterfall",
      () => ({ path: { table_uuid: tableId }, body: withoutEmptyProviders(body) }),
      options,
    );
  }
}
