/** What a simulated workspace can run. All of it is synthesised. The ids are those of the documented examples. */
import type { Schemas } from "./options.js";

const param = (name: string, is_required: boolean, description: string): Schemas["EnrichmentParam"] => ({
  name,
  is_required,
  type_field: "text",
  description,
  choices: null,
});

/** An enrichment with a fixed price, one that is priced by a parameter, and a free one. */
export const ENRICHMENTS: readonly Schemas["Enrichment"][] = [
  {
    id: 833,
    name: "Find work email",
    description: "Finds the work address of a company's contact.",
    data_source: "Prospeo",
    price: 1,
    auth_method: "databar",
    pricing: { type: "fixed", parameter: null },
    category: [{ id: 4, name: "Contact Data" }],
    params: [param("domain", true, "Domain of the company"), param("name", false, "Name of the person")],
    response_fields: [{ name: "email", display_name: "Email", type_field: "text" }],
    pagination: { supported: false, per_page: null },
  },
  {
    id: 412,
    name: "Search company jobs",
    description: "Lists the open positions of a company.",
    data_source: "Coresignal",
    price: 0.25,
    auth_method: "user_or_databar",
    pricing: { type: "per_parameter", parameter: "limit" },
    category: [{ id: 2, name: "Company Data" }],
    params: [param("company_domain", true, "Domain of the company"), param("limit", true, "Number of positions")],
    response_fields: [{ name: "title", display_name: "Job title", type_field: "text" }],
    pagination: { supported: true, per_page: 20 },
  },
  {
    id: 1187,
    name: "Score a lead",
    description: "Rates a company with a custom model.",
    data_source: "OpenAI",
    price: 0,
    auth_method: "apikey",
    pricing: null,
    category: [],
    params: [param("domain", true, "Domain of the company")],
    response_fields: [{ name: "score", display_name: "Score", type_field: "number" }],
    pagination: null,
  },
];

const person = ["first_name", "last_name", "company"];

/** Two providers that run by default, and a third that runs only when it is named. */
export const WATERFALLS: readonly Schemas["Waterfall"][] = [
  {
    identifier: "email_getter",
    name: "Email finder waterfall",
    description: "Finds the address of a person from name and company.",
    input_params: person.map((name) => ({ name, type: "text", required: name !== "last_name" })),
    output_fields: [{ name: "email", label: "Email", type: "text" }],
    available_enrichments: [
      {
        id: 834,
        name: "General Enrichment",
        description: "General data",
        price: "0.5",
        params: person,
        enabled_by_default: true,
      },
      {
        id: 966,
        name: "Email Finder",
        description: "Email addresses",
        price: 1,
        params: person,
        enabled_by_default: true,
      },
      {
        id: 113,
        name: "Email Add-on",
        description: "Rare addresses",
        price: 4,
        params: person,
        enabled_by_default: false,
      },
    ],
    is_email_verifying: true,
    email_verifiers: [{ id: 10, name: "Verify emails", description: "Asks the mail server", price: "0.25" }],
  },
];

/** A flow that costs one credit per run. */
export const FLOWS: readonly Schemas["FlowDetail"][] = [
  {
    id: "8f3c6b1a-52d9-4e07-a1b4-7d90c2e5f638",
    name: "Company to contact",
    description: "Finds a sales contact for a domain.",
    inputs: [{ id: "domain", description: "Domain of the company", type: "text", required: true }],
    outputs: [{ id: "email", response_field_id: 3104 }],
    created_at: "2026-03-02T08:15:00Z",
    updated_at: "2026-05-19T16:42:31Z",
    config: { inputs: [{ id: "domain" }], nodes: [], outputs: [{ id: "email" }] },
    ui: {},
    internal_version: "v7-3f9a",
  },
];
