/** `npm run docs`: the documentation as a static site in `docs/site`: guides, examples, API reference, the contract's requests, search. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Application, type Context, Converter } from "typedoc";
import typedocConfig from "../typedoc.config.mjs";
import { writePages } from "./docs/pages.js";
import { showContractTypes } from "./docs/types.js";
import { root } from "./project.js";

const site = join(root, "docs/site");

/** The modules of the package, by the entry point that TypeDoc names them after. */
const MODULES = new Map([
  ["index", "databar-client"],
  ["testing", "databar-client/testing"],
  ["logging", "databar-client/logging"],
  ["otel", "databar-client/otel"],
]);

async function build(sources: string): Promise<void> {
  const documents = writePages(sources);
  const app = await Application.bootstrap({
    ...typedocConfig,
    out: site,
    name: "databar-client",
    readme: join(sources, "README.md"),
    projectDocuments: documents,
    sortEntryPoints: false,
    searchInDocuments: true,
    searchInComments: true,
    includeVersion: true,
    hideGenerator: true,
    navigation: { includeCategories: false, includeGroups: false, includeFolders: false },
    customCss: join(root, "scripts/docs/site.css"),
    highlightLanguages: ["typescript", "javascript", "json", "shell", "yaml", "html"],
    tsconfig: join(root, "tsconfig.build.json"),
  });
  showContractTypes(app);
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_: Context, reflection) => {
    const name = reflection.parent === _.project ? MODULES.get(reflection.name) : undefined;
    if (name) {
      reflection.name = name;
    }
  });
  const project = await app.convert();
  if (!project) {
    throw new Error("TypeDoc could not read the project");
  }
  app.validate(project);
  rmSync(site, { recursive: true, force: true });
  await app.generateOutputs(project);
  copyFileSync(join(root, "openapi/openapi.yaml"), join(site, "openapi.yaml"));
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error("TypeDoc reported problems");
  }
}

mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
const sources = mkdtempSync(join(root, "node_modules/.cache/docs-"));
try {
  await build(sources);
  console.log(`Open ${join("docs/site/index.html")}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(sources, { recursive: true, force: true });
}
