import { OptionDefaults } from "typedoc";

/** `npm run docs`: the API reference, from the docstrings. Every export needs a docstring, and every link a target. */
export default {
  entryPoints: ["src/index.ts", "src/testing/index.ts"],
  out: "docs/site/api",
  readme: "none",
  excludePrivate: true,
  excludeInternal: true,
  disableSources: true,
  // openapi-typescript puts the descriptions of the contract under this tag.
  blockTags: [...OptionDefaults.blockTags, "@description"],
  // The types of the contract are exported from "databar-client/schema".
  intentionallyNotExported: [
    "Documented",
    "NamesOf",
    "examples",
    "operations",
    "Query",
    "components",
    "paths",
    "schema.gen.ts:RowsPage",
    "ErrorResponse",
    "Retry",
    "UnreadableResponse",
  ],
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ["Class", "Interface", "TypeAlias", "Function", "Method"],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
};
