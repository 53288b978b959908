import type { Folder, FolderCreate, FolderRename, MoveTableRequest, StatusResponse } from "../generated/schema.gen.js";
import type { ApiPromise } from "../http/api-promise.js";
import type { RequestOptions } from "../options.js";
import { Resource } from "./resource.js";

/** Folders of tables.
 *
 * @remarks Undocumented; taken from Databar's official clients. */
export class Folders extends Resource {
  /** Lists all folders of the workspace. */
  list(options?: RequestOptions): ApiPromise<Folder[]> {
    return this.call("folders.list", "GET /v1/folders", {}, options);
  }

  /** Creates a folder. */
  create(body: FolderCreate, options?: RequestOptions): ApiPromise<Folder> {
    return this.call("folders.create", "POST /v1/folders", { body }, options);
  }

  /** Renames a folder. */
  rename(folderId: number, body: FolderRename, options?: RequestOptions): ApiPromise<Folder> {
    return this.call(
      "folders.rename",
      "PATCH /v1/folders/{folder_id}",
      { path: { folder_id: folderId }, body },
      options,
    );
  }

  /** Deletes a folder. Its tables are kept, outside any folder. */
  delete(folderId: number, options?: RequestOptions): ApiPromise<StatusResponse> {
    return this.call("folders.delete", "DELETE /v1/folders/{folder_id}", { path: { folder_id: folderId } }, options);
  }

  /** Moves a table into a folder. Without `folder_id` it moves out of its folder. */
  moveTable(body: MoveTableRequest, options?: RequestOptions): ApiPromise<StatusResponse> {
    return this.call("folders.moveTable", "POST /v1/folders/move-table", { body }, options);
  }
}
