/** What the edge runtime's host calls. */
export { conform } from "./conformance.js";
