/** The GitHub workflows give away no more rights than they need, and run no action that can change under them. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

interface Step {
  uses?: string;
  run?: string;
}

interface Job {
  permissions?: Record<string, string>;
  needs?: string | string[];
  /** Another workflow of this repository, in place of steps. */
  uses?: string;
  steps?: Step[];
}

interface Workflow {
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

/** An action by its full commit, with the version in a comment; or a workflow of this repository. */
const PINNED = /^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$|^\.\/\.github\/workflows\/[\w-]+\.yml$/;

const FOLDER = ".github/workflows";
const workflows = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(`${FOLDER}/${name}`, "utf8");
  const workflow = parse(text) as Workflow;
  const jobs = Object.entries(workflow.jobs).map(([job, { permissions, steps = [] }]) => ({
    name: `${name}: ${job}`,
    permissions: permissions ?? workflow.permissions ?? {},
    commands: steps.flatMap(({ run }) => run ?? []).join("\n"),
    actions: steps.flatMap(({ uses }) => uses ?? []),
  }));
  return { name, text, workflow, jobs };
});
const jobs = workflows.flatMap((each) => each.jobs);
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

describe.each(workflows)("workflow $name", ({ text, workflow, jobs }) => {
  test("pins every action by its full commit, with the version in a comment", () => {
    const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((action = "") => !PINNED.test(action))).toEqual([]);
  });

  test("states its rights, and none by default that can write", () => {
    expect(Object.values(workflow.permissions ?? { missing: "write" })).not.toContain("write");
  });

  test("installs dependencies without running their scripts", () => {
    const installs = jobs.flatMap(({ commands }) => commands.match(/npm (ci|install).*/g) ?? []);
    expect(installs.filter((command) => !/--ignore-scripts/.test(command))).toEqual([]);
  });

  test("runs only scripts that package.json has", () => {
    const names = jobs.flatMap(({ commands }) => [...commands.matchAll(/npm run (?:--silent )?([\w:]+)/g)]);
    expect(names.map(([, name = ""]) => name).filter((name) => !(name in scripts))).toEqual([]);
  });
});

test("workflows: the jobs that may publish run no code of the project or of a development dependency", () => {
  const publishing = jobs.filter(({ permissions }) => permissions["id-token"] === "write");
  expect(publishing.map(({ name, commands, actions }) => ({ name, commands, actions: actions.map(nameOf) }))).toEqual([
    { name: "docs.yml: publish", commands: "", actions: ["actions/deploy-pages"] },
    {
      name: "release.yml: publish",
      commands: "npm publish ./*.tgz --provenance --access public --ignore-scripts",
      actions: ["actions/setup-node", "actions/download-artifact"],
    },
  ]);
});

function nameOf(action: string): string | undefined {
  return action.split("@")[0];
}

test("workflows: no job with the right to write runs tests", () => {
  const writing = jobs.filter(({ permissions }) => Object.values(permissions).includes("write"));
  expect(writing.length).toBeGreaterThan(0);
  expect(writing.filter(({ commands }) => /\.ci\/run|npm (test|run)|vitest/.test(commands))).toEqual([]);
});

test("workflows: a version is published only after the check of all runtimes", () => {
  const release = workflows.find(({ name }) => name === "release.yml");
  expect(release?.workflow.jobs.runtimes?.uses).toBe(`./${FOLDER}/runtimes.yml`);
  expect(release?.workflow.jobs.publish?.needs).toContain("runtimes");
});
