import type { Column, ColumnCreate, ColumnRename, ColumnSummary, StatusResponse } from "../../generated/schema.gen.js";
import type { ApiPromise } from "../../http/api-promise.js";
import type { RequestOptions } from "../../options.js";
import { Resource } from "../resource.js";

/** The columns of a table.
 *
 * @remarks Undocumented; taken from Databar's official clients. */
export class TableColumns extends Resource {
  /** Lists the columns of a table. */
  list(tableId: string, options?: RequestOptions): ApiPromise<Column[]> {
    return this.call(
      "tables.columns.list",
      "GET /v1/table/{table_uuid}/columns",
      { path: { table_uuid: tableId } },
      options,
    );
  }

  /** Adds a column. The default type is `text`. */
  create(tableId: string, body: ColumnCreate, options?: RequestOptions): ApiPromise<ColumnSummary> {
    return this.call(
      "tables.columns.create",
      "POST /v1/table/{table_uuid}/columns",
      { path: { table_uuid: tableId }, body },
      options,
    );
  }

  /** Renames a column. */
  rename(tableId: string, columnId: string, body: ColumnRename, options?: RequestOptions): ApiPromise<ColumnSummary> {
    return this.call(
      "tables.columns.rename",
      "PATCH /v1/table/{table_uuid}/columns/{column_id}",
      { path: { table_uuid: tableId, column_id: columnId }, body },
      options,
    );
  }

  /** Deletes a column with its values. */
  delete(tableId: string, columnId: string, options?: RequestOptions): ApiPromise<StatusResponse> {
    return this.call(
      "tables.columns.delete",
      "DELETE /v1/table/{table_uuid}/columns/{column_id}",
      { path: { table_uuid: tableId, column_id: columnId } },
      options,
    );
  }
}
