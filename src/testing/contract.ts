/** The generated tables as the testing kit reads them: by any name, without the literal type of each entry. */
import { examples } from "../generated/examples.gen.js";
import { jsonSchemas } from "../generated/json-schemas.gen.js";
import { operations } from "../generated/operations.gen.js";

/** A JSON Schema of the contract. */
export type Schema = Readonly<Record<string, unknown>>;

/** A parameter of an operation. */
export interface ParameterRecord {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Schema;
}

/** An operation of the generated table. */
export interface OperationRecord {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly ParameterRecord[];
  readonly requestBody: { readonly required: boolean; readonly content: Readonly<Record<string, Schema>> } | null;
  /** The media types of each status. Empty for a response without a body. */
  readonly responses: Readonly<Record<string, readonly string[]>>;
}

/** Examples of one body, by name. */
export type NamedExamples = Readonly<Record<string, { readonly value: unknown }>>;

/** The part of the contract that the testing kit uses. */
export interface Contract {
  readonly operations: Readonly<Record<string, OperationRecord>>;
  /** Operation, status, media type, name. */
  readonly examples: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, NamedExamples>>>>>>;
  /** The component schemas. */
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** The contract of the API. */
export const contract: Contract = {
  operations,
  examples,
  schemas: jsonSchemas as Readonly<Record<string, Schema>>,
};

/** The status of an operation's success. */
export function successStatus({ responses }: OperationRecord): string {
  return Object.keys(responses).find((status) => status.startsWith("2")) ?? "200";
}
