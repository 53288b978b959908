/** The contract as pages: one per resource, with the requests, the parameters, the bodies and their examples. */
import { join } from "node:path";
import { examples } from "../../src/generated/examples.gen.js";
import { Contract, type Json, type JsonObject, type Operation } from "../contract/document.js";
import { root } from "../project.js";
import type { Page } from "./pages.js";

const SOURCES: Readonly<Record<string, string>> = {
  documented: "Documented by Databar",
  sdk: "Known from Databar's official clients only",
};

/** The overview, and one page for each resource beneath it. */
export function contractPages(): Page[] {
  const contract = new Contract(join(root, "openapi"));
  const groups = new Map<string, Operation[]>();
  for (const operation of contract.operations) {
    const [group = ""] = operation.name.split(".");
    groups.set(group, [...(groups.get(group) ?? []), operation]);
  }
  const children = [...groups].map(([group, operations]) => ({
    path: `contract/${group}.md`,
    title: group,
    text: [`# ${group}\n`, ...operations.map(operationText)].join("\n"),
  }));
  const rows = [...groups].flatMap(([group, operations]) =>
    operations.map(
      ({ name, method, path, node }) =>
        `| [${name}](${group}.md#${anchor(name)}) | \`${method.toUpperCase()} ${path}\` | ${line(node.summary)} |`,
    ),
  );
  const overview = [
    "# HTTP requests",
    "",
    "Every request that the API is known to accept, from the OpenAPI document that the client is made of:",
    "[openapi.yaml](../openapi/openapi.yaml). Databar documents most of them. The others are taken from its official clients.",
    "",
    "| Method | Request | What it does |",
    "|---|---|---|",
    ...rows,
  ].join("\n");
  const top = {
    path: "contract/README.md",
    title: "HTTP requests",
    text: overview,
    children: children.map(({ path }) => path),
  };
  return [top, ...children];
}

function operationText({ name, method, path, source, node, parameters, requestBody, responses }: Operation): string {
  const own = parameters.filter(({ name }) => name.toLowerCase() !== "x-apikey");
  return [
    `## ${name}`,
    "",
    `\`${method.toUpperCase()} ${path}\``,
    "",
    `${line(node.description ?? node.summary)}`,
    "",
    `${SOURCES[source] ?? source}.`,
    "",
    ...(own.length > 0
      ? [
          "| Parameter | In | Type | Meaning |",
          "|---|---|---|---|",
          ...own.map(
            (each) =>
              `| \`${each.name}\`${each.required ? "" : " (optional)"} | ${each.in} | ${typeText(each.schema)} | ${line(each.description)} |`,
          ),
          "",
        ]
      : []),
    ...(requestBody?.content ?? []).flatMap(({ mediaType, node }) => [
      `**Request body**, \`${mediaType}\`: ${typeText(node.schema)}`,
      "",
      ...exampleText(name, "request", mediaType),
    ]),
    ...responses.flatMap(({ status, node, content }) => [
      `**Response ${status}**${content.map(({ node }) => `, ${typeText(node.schema)}`).join("")}: ${line(node.description)}`,
      "",
      ...content.flatMap(({ mediaType }) => (status.startsWith("2") ? exampleText(name, status, mediaType) : [])),
    ]),
  ].join("\n");
}

function exampleText(operation: string, key: string, mediaType: string): string[] {
  const all = new Map<string, object>(Object.entries(examples));
  const bodies = new Map<string, object>(Object.entries(all.get(operation) ?? {}));
  const named = new Map<string, object>(Object.entries(bodies.get(key) ?? {})).get(mediaType) ?? {};
  return Object.values(named).flatMap(
    ({ source, summary, value }: { source: string; summary: string; value: unknown }) => [
      `${summary || "Example"}${source === "synthesised" ? " (synthesised)" : ""}:`,
      "",
      "```json",
      JSON.stringify(value, null, 2),
      "```",
      "",
    ],
  );
}

/** A schema in a few words, with a link to its type. */
function typeText(schema: Json | undefined): string {
  const { $ref, type, items, anyOf, oneOf, enum: values, format } = (schema ?? {}) as JsonObject;
  if (typeof $ref === "string") {
    const name = $ref.replace(/^.*\//, "");
    // The class ValidationError has the name of this schema.
    return name === "ValidationError" ? name : `{@link "databar-client".${name} | ${name}}`;
  }
  const choices = anyOf ?? oneOf;
  if (Array.isArray(choices)) {
    return choices.map(typeText).join(" or ");
  }
  if (Array.isArray(values)) {
    return values.map((value) => `\`${value}\``).join(", ");
  }
  if (type === "array") {
    return `list of ${typeText(items)}`;
  }
  const name = Array.isArray(type) ? type.join(" or ") : typeof type === "string" ? type : "any JSON";
  return typeof format === "string" ? `${name} (${format})` : name;
}

/** One line for a cell of a table. */
function line(text: Json | undefined): string {
  return typeof text === "string"
    ? text.replace(/\s+/g, " ").replaceAll("|", "\\|").replace(/[{}@]/g, "\\$&").trim()
    : "";
}

/** The anchor of a heading. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^\w-]/g, "");
}
