import { OptionDefaults } from "typedoc";

/** `npm run docs`: the API reference, from the docstrings. What is exported must be documented, and links must lead somewhere. */
export default {
  entryPoints: ["src/index.ts", "src/testing/index.ts"],
  out: "docs/site/api",
  readme: "none",
  excludePrivate: true,
  excludeInternal: true,
  disableSources: true,
  // openapi-typescript writes the contract's descriptions under this tag.
  blockTags: [...OptionDefaults.blockTags, "@description"],
  // The contract's own types are exported from "databar-client/schema".
  intentionallyNotExported: [
    "Documented",
    "NamesOf",
    "examples",
    "operations",
    "Query",
    "components",
    "paths",
    "schema.gen.ts:RowsPage",
    "ApiErrorAnswer",
  ],
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ["Class", "Interface", "TypeAlias", "Function", "Method"],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
};
