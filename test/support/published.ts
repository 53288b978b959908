/** The one published page and the document in it. They do not change with the stored contract. */
import { readFileSync } from "node:fs";

export const PAGE_FILE = "test/fixtures/pages/connectors-list.md";
export const page = readFileSync(PAGE_FILE, "utf8");
export const published = /^````yaml GET \/v1\/connectors\/\n([\s\S]*?)^````$/m.exec(page)?.[1] ?? "";

/** How the document has `rate_limit`, and a change of it that breaks. */
export const NULLABLE_RATE =
  "        rate_limit:\n          anyOf:\n            - type: integer\n            - type: 'null'\n";
export const STRING_RATE = "        rate_limit:\n          type: string\n";

/** The other files of `openapi/` for this document. */
export const publishedNames = "GET /v1/connectors/: connectors.list\n";
export const publishedExamples = `source: synthesised
operations:
  "*":
    "422":
      application/json:
        missing:
          value: { detail: [{ loc: [header, x-apikey], msg: Field required, type: missing }] }
`;
