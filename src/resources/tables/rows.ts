import type {
  Row as AnyRow,
  RowsPage as AnyRowsPage,
  DeleteRowsRequest,
  InsertRow,
  InsertRowResult,
  InsertRowsRequest,
  InsertRowsResponse,
  StatusResponse,
  UpdateRow,
  UpdateRowResult,
  UpdateRowsRequest,
  UpdateRowsResponse,
  UpsertRow,
  UpsertRowResult,
  UpsertRowsRequest,
  UpsertRowsResponse,
} from "../../generated/schema.gen.js";
import type { ApiPromise } from "../../http/api-promise.js";
import type { Query } from "../../http/contract.js";
import type { RequestOptions } from "../../options.js";
import { toJson } from "../../validate.js";
import { type Indexed, type ManyOptions, type Rows, sendInBatches } from "../../workflows/batch.js";
import { paginate } from "../../workflows/paginate.js";
import { checkPage, checkRows, MAX_ROWS } from "../limits.js";
import { Resource } from "../resource.js";

/** The condition on one column. Values are compared as text; `contains` ignores case. */
export type RowCondition =
  | { equals: string }
  | { not_equals: string }
  | { contains: string }
  | { is_empty: true }
  | { is_not_empty: true };

/** Column names with their conditions. A row must meet all of them. */
export type RowFilter<Row = AnyRow> = { readonly [Column in Extract<keyof Row, string>]?: RowCondition };

/** Filters of a list of rows, and its page. */
export type RowsQuery<Row = AnyRow> = Omit<Query<"GET /v1/table/{table_uuid}/rows">, "filter"> & {
  filter?: RowFilter<Row>;
};

/** A page of rows. */
export type RowsPage<Row = AnyRow> = Omit<AnyRowsPage, "data"> & { data: Row[] };

/** Sent with every request: the documented default (1 000) exceeds the server's maximum (500). */
const DEFAULT_PAGE_SIZE = 100;

/** The rows of a table. A row is an object of column names and values, with its `id`. */
export class TableRows extends Resource {
  /**
   * Gets one page of rows.
   *
   * @typeParam Row - The type of a row. It is not checked.
   * @param query - `page` from 1, `per_page` from 1 to 500 (default 100), `filter`.
   * @throws UsageError for a page or a size outside these ranges.
   * @see https://docs.databar.ai/api-reference/endpoint/rows-get
   */
  list<Row = AnyRow>(tableId: string, query: RowsQuery<Row> = {}, options?: RequestOptions): ApiPromise<RowsPage<Row>> {
    const init = () => ({ path: { table_uuid: tableId }, query: toWire(query) });
    // The caller knows the columns; the contract does not.
    return this.call("tables.rows.list", "GET /v1/table/{table_uuid}/rows", init, options) as ApiPromise<RowsPage<Row>>;
  }

  /**
   * Iterates over all rows. Pages are requested as they are needed.
   *
   * @typeParam Row - The type of a row. It is not checked.
   */
  iterate<Row = AnyRow>(
    tableId: string,
    query: Omit<RowsQuery<Row>, "page"> = {},
    options?: RequestOptions,
  ): AsyncGenerator<Row, void, undefined> {
    return paginate(
      (page) => this.list<Row>(tableId, { ...query, page }, options),
      (page) => page.data,
      options?.signal,
    );
  }

  /**
   * Adds up to 50 rows. For more, see {@link insertMany}.
   *
   * @param body - `rows`; `options.allow_new_columns`; `options.dedupe`; `return_rows`.
   * @throws UsageError for no rows or more than 50.
   * @throws BadRequestError with `code` `UNKNOWN_COLUMNS` for a column that the table does not have.
   * @see https://docs.databar.ai/api-reference/endpoint/rows-insert
   */
  insert(tableId: string, body: InsertRowsRequest, options?: RequestOptions): ApiPromise<InsertRowsResponse> {
    const init = () => ({ path: { table_uuid: tableId }, body: checkRows(body, "insertMany") });
    return this.call("tables.rows.insert", "POST /v1/table/{table_uuid}/rows", init, options);
  }

  /**
   * Changes up to 50 rows by their id. For more, see {@link updateMany}. Check `ok` of each result: a single row may fail.
   *
   * @param body - `rows`; `overwrite: false` fills empty cells only; `return_rows`.
   * @throws UsageError for no rows or more than 50.
   * @see https://docs.databar.ai/api-reference/endpoint/rows-update
   */
  update(tableId: string, body: UpdateRowsRequest, options?: RequestOptions): ApiPromise<UpdateRowsResponse> {
    const init = () => ({ path: { table_uuid: tableId }, body: checkRows(body, "updateMany") });
    return this.call("tables.rows.update", "PATCH /v1/table/{table_uuid}/rows", init, options);
  }

  /**
   * Changes or adds up to 50 rows, found by the value of one column. For more, see {@link upsertMany}. Check `error` of
   * each result: a key that matches several rows is rejected for that row alone.
   *
   * @param body - `rows`, each with a `key` of one column; `return_rows`.
   * @throws UsageError for no rows or more than 50.
   * @see https://docs.databar.ai/api-reference/endpoint/rows-upsert
   */
  upsert(tableId: string, body: UpsertRowsRequest, options?: RequestOptions): ApiPromise<UpsertRowsResponse> {
    const init = () => ({ path: { table_uuid: tableId }, body: checkRows(body, "upsertMany") });
    return this.call("tables.rows.upsert", "POST /v1/table/{table_uuid}/rows/upsert", init, options);
  }

  /**
   * Deletes rows by their id.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   */
  delete(tableId: string, body: DeleteRowsRequest, options?: RequestOptions): ApiPromise<StatusResponse> {
    return this.call(
      "tables.rows.delete",
      "POST /v1/table/{table_uuid}/rows/delete",
      { path: { table_uuid: tableId }, body },
      options,
    );
  }

  /**
   * Adds any number of rows, in batches of 50. One batch at a time, so that the table has the rows in your order.
   *
   * @param rows - A list, or an iterable or async iterable.
   * @param settings - The settings of each batch, as for {@link insert}.
   * @param options - `concurrency`: batches in flight at a time (default 1); `onProgress`.
   * @returns One result for each row, in the order of the rows. `index` counts over all rows.
   * @throws BatchError with the results so far, and which rows were written, which not, and which may have been.
   */
  insertMany(
    tableId: string,
    rows: Rows<InsertRow>,
    settings: Omit<InsertRowsRequest, "rows"> = {},
    options?: ManyOptions,
  ): Promise<Indexed<InsertRowResult>[]> {
    const send = (batch: InsertRow[], each: RequestOptions) => this.insert(tableId, { ...settings, rows: batch }, each);
    return sendInBatches({ rows, size: MAX_ROWS, concurrency: 1, send }, options);
  }

  /**
   * Changes any number of rows by their id, like {@link insertMany}. Takes the settings of {@link update}.
   *
   * @param options - `concurrency` (default 4: each row is found by its own id, so the order of batches does not matter).
   */
  updateMany(
    tableId: string,
    rows: Rows<UpdateRow>,
    settings: Omit<UpdateRowsRequest, "rows"> = {},
    options?: ManyOptions,
  ): Promise<Indexed<UpdateRowResult>[]> {
    const send = (batch: UpdateRow[], each: RequestOptions) => this.update(tableId, { ...settings, rows: batch }, each);
    return sendInBatches({ rows, size: MAX_ROWS, concurrency: 4, send }, options);
  }

  /**
   * Changes or adds any number of rows, like {@link insertMany}. Takes the settings of {@link upsert}.
   *
   * @param options - `concurrency` (default 1: two batches with the same key could both add a row. Raise it if the keys
   *   are unique).
   */
  upsertMany(
    tableId: string,
    rows: Rows<UpsertRow>,
    settings: Omit<UpsertRowsRequest, "rows"> = {},
    options?: ManyOptions,
  ): Promise<Indexed<UpsertRowResult>[]> {
    const send = (batch: UpsertRow[], each: RequestOptions) => this.upsert(tableId, { ...settings, rows: batch }, each);
    return sendInBatches({ rows, size: MAX_ROWS, concurrency: 1, send }, options);
  }
}

function toWire<Row>({ filter, ...page }: RowsQuery<Row>): Query<"GET /v1/table/{table_uuid}/rows"> {
  const query = checkPage({ ...page, per_page: page.per_page ?? DEFAULT_PAGE_SIZE });
  return filter === undefined ? query : { ...query, filter: toJson("filter", filter) };
}
