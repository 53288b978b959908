/** Runs the conformance program in a Worker. The query names the server and the runtime. */
import { conform } from "./conformance.js";

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    return Response.json(await conform(searchParams.get("server") ?? "", searchParams.get("runtime") ?? ""));
  },
};
