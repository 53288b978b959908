/**
 * `npm run docs`: the documentation as a static site in `docs/site`: guides, examples, the API reference from the
 * docstrings, the contract's requests, search. It needs no server and no other host. With `--check`, only reports
 * whether every export has a docstring and every link a target.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Application, Converter, OptionDefaults } from "typedoc";
import { writePages } from "./docs/pages.js";
import { showContractTypes } from "./docs/types.js";
import { root } from "./project.js";

/** What the package exports, and the module that users import it from. */
const MODULES: Readonly<Record<string, string>> = {
  "src/index.ts": "databar-client",
  "src/jobs/index.ts": "databar-client/jobs",
  "src/testing/index.ts": "databar-client/testing",
  "src/drift/index.ts": "databar-client/drift",
  "src/logging/index.ts": "databar-client/logging",
  "src/otel/index.ts": "databar-client/otel",
};

function createApplication(sources: string, site: string): Promise<Application> {
  return Application.bootstrap({
    entryPoints: Object.keys(MODULES).map((file) => join(root, file)),
    tsconfig: join(root, "tsconfig.build.json"),
    projectDocuments: writePages(sources),
    readme: join(sources, "README.md"),
    name: "databar-client",
    out: site,
    includeVersion: true,
    excludePrivate: true,
    excludeInternal: true,
    disableSources: true,
    sortEntryPoints: false,
    searchInDocuments: true,
    searchInComments: true,
    hideGenerator: true,
    navigation: { includeCategories: false, includeGroups: false, includeFolders: false },
    visibilityFilters: {},
    customCss: join(root, "scripts/docs/site.css"),
    highlightLanguages: ["typescript", "javascript", "json", "shell", "yaml", "html"],
    // openapi-typescript puts the descriptions of the contract under this tag.
    blockTags: [...OptionDefaults.blockTags, "@description"],
    intentionallyNotExported: [
      "Documented",
      "NamesOf",
      "examples",
      "operations",
      "Query",
      "paths",
      "schema.gen.ts:RowsPage",
      "ErrorResponse",
      "Retry",
      "UnreadableResponse",
    ],
    // The part of a Response, documented by the platform.
    intentionallyNotDocumented: ["get", "getReader", "cancel"].map(
      (name) => `databar-client.FetchedResponse.__type.${name === "get" ? "headers" : "body"}.__type.${name}`,
    ),
    validation: { notExported: true, invalidLink: true, notDocumented: true },
    requiredToBeDocumented: ["Class", "Interface", "TypeAlias", "Function", "Method"],
  });
}

async function run(sources: string, isCheck: boolean): Promise<void> {
  const site = join(root, "docs/site");
  const app = await createApplication(sources, site);
  showContractTypes(app);
  const modules = Object.values(MODULES);
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, ({ project }, reflection) => {
    if (reflection.parent === project) {
      reflection.name =
        modules.find((name) => name.replace("databar-client/", "") === reflection.name) ?? "databar-client";
    }
  });
  const project = await app.convert();
  if (project) {
    app.validate(project);
  }
  if (!project || app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error("TypeDoc reported problems");
  }
  if (!isCheck) {
    rmSync(site, { recursive: true, force: true });
    await app.generateOutputs(project);
    linkFrontPage(join(site, "documents"));
  }
}

/** TypeDoc links to the front page as `../`, which is a folder where no server is. */
function linkFrontPage(folder: string): void {
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), "utf8");
    writeFileSync(join(folder, name), text.replaceAll('href="../"', 'href="../index.html"'));
  }
}

const cache = join(root, "node_modules/.cache");
mkdirSync(cache, { recursive: true });
const sources = mkdtempSync(join(cache, "docs-"));
try {
  await run(sources, process.argv.includes("--check"));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(sources, { recursive: true, force: true });
}
