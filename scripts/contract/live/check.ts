/** Compares one response with the contract. Values are never reported, only their types. */
import { findDrift, messageOf } from "../../../src/drift/check.js";
import type { Validators } from "../../../src/generated/validators.gen.js";
import type { Json, Operation } from "../document.js";

export interface Finding {
  /** A `breach` contradicts the contract; a `note` is something it does not say. */
  level: "breach" | "note";
  /** `$[].rate_limit`, or empty for status and content type. */
  path: string;
  message: string;
}

/** What a server answered. */
export interface Answer {
  status: number;
  contentType: string | null;
  text: string;
}

/** Finds what the contract does not promise in an answer to an operation. */
export function checkAnswer(
  validators: Validators,
  operation: Operation,
  { status, contentType, text }: Answer,
): Finding[] {
  const response = operation.responses.find((each) => each.status === String(status));
  if (!response) {
    const known = operation.responses.map((each) => each.status).join(", ");
    return [breach("", `status ${status} is not documented (${known} are)`)];
  }
  if (response.content.length === 0) {
    return text === "" ? [] : [breach("", `status ${status} has a body, and none is documented`)];
  }
  const mediaType = contentType?.split(";")[0]?.trim().toLowerCase();
  const content = response.content.find((each) => each.mediaType === mediaType);
  const isJson = (type: string | undefined): boolean => /[/+]json$/.test(type ?? "");
  const documented = content ?? response.content.find((each) => isJson(each.mediaType));
  const types = response.content.map((each) => each.mediaType).join(", ");
  const wrong = mediaType ? `content type ${mediaType} instead of ${types}` : `no content type; ${types} is documented`;
  const findings = content ? [] : [breach("", wrong)];
  if (!documented || !isJson(documented.mediaType)) {
    return findings;
  }
  const value = parsed(text);
  if (value === undefined) {
    return [...findings, breach("", "the body is not JSON")];
  }
  // Every item of every list: here nobody waits.
  const drifts = findDrift(validators, operation.name, status, value, { limit: Number.POSITIVE_INFINITY, offset: 0 });
  return [...findings, ...drifts.map((drift) => ({ level: drift.level, path: drift.path, message: messageOf(drift) }))];
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function breach(path: string, message: string): Finding {
  return { level: "breach", path, message };
}
