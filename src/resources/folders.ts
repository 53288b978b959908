import type { ApiPromise } from "../core/api-promise.js";
import type { Core } from "../core/core.js";
import type { RequestOptions } from "../core/options.js";
import type { Folder, FolderCreate, FolderRename, MoveTableRequest, StatusResponse } from "../generated/schema.gen.js";

/** Folders of tables. No page documents them: they are known from Databar's own clients. */
export class Folders {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Lists all folders of the workspace. */
  list(options?: RequestOptions): ApiPromise<Folder[]> {
    return this.#core.call("get", "/v1/folders", {}, options);
  }

  /** Creates a folder. */
  create(body: FolderCreate, options?: RequestOptions): ApiPromise<Folder> {
    return this.#core.call("post", "/v1/folders", { body }, options);
  }

  /** Gives a folder another name. */
  rename(folderId: number, body: FolderRename, options?: RequestOptions): ApiPromise<Folder> {
    return this.#core.call(
      "patch",
      "/v1/folders/{folder_id}",
      { params: { path: { folder_id: folderId } }, body },
      options,
    );
  }

  /** Deletes a folder. Its tables move out of it. */
  delete(folderId: number, options?: RequestOptions): ApiPromise<StatusResponse> {
    return this.#core.call("delete", "/v1/folders/{folder_id}", { params: { path: { folder_id: folderId } } }, options);
  }

  /** Moves a table into a folder, or, without `folder_id`, out of any. */
  moveTable(body: MoveTableRequest, options?: RequestOptions): ApiPromise<StatusResponse> {
    return this.#core.call("post", "/v1/folders/move-table", { body }, options);
  }
}
