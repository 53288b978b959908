/** The published document with a few more operations, so that every kind of change has a place to happen. */
import { parse } from "yaml";
import { published } from "./published.js";

// biome-ignore lint/suspicious/noExplicitAny: a document that the pairs reach into
export type Doc = any;

const MORE = `
paths:
  /v1/connectors/:
    post:
      summary: Create a connector
      operationId: create_connector
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/ConnectorInput'
      responses:
        '201':
          description: Created
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Connector'
  /v1/runs/{run_id}:
    get:
      operationId: get_run
      parameters:
        - name: run_id
          in: path
          required: true
          schema: { type: integer }
        - name: partial
          in: query
          required: false
          schema: { type: boolean, default: false }
        - name: limit
          in: query
          required: false
          schema: { type: integer, default: 50, minimum: 1, maximum: 500 }
        - name: x-trace
          in: header
          required: false
          schema: { type: string }
      responses:
        '200':
          description: The run
          headers:
            x-request-id:
              schema: { type: string }
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Run'
        '404':
          description: Unknown
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ErrorDetail'
    patch:
      operationId: change_run
      parameters:
        - { name: run_id, in: path, required: true, schema: { type: integer } }
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                note: { type: string, maxLength: 100 }
      responses:
        '200':
          description: Changed
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ErrorDetail'
    delete:
      operationId: delete_run
      parameters:
        - { name: run_id, in: path, required: true, schema: { type: integer } }
      responses:
        '204':
          description: Deleted
components:
  schemas:
    ConnectorInput:
      type: object
      required: [name, url]
      properties:
        name: { type: string, maxLength: 256 }
        url: { type: string }
        type: { type: string, enum: [simple, enrichment, exporter], default: enrichment }
        rate_limit:
          anyOf:
            - { type: integer, minimum: 1 }
            - { type: 'null' }
        headers:
          type: array
          items:
            $ref: '#/components/schemas/NameValue'
          default: []
    ErrorDetail:
      type: object
      required: [detail]
      properties:
        detail: { type: string }
    Run:
      type: object
      required: [id, status, cost, created_at, label, steps, owner]
      properties:
        id: { type: integer }
        status: { type: string, enum: [processing, completed, failed] }
        cost:
          anyOf:
            - { type: string }
            - { type: number }
        count: { type: integer }
        ratio: { type: number }
        created_at: { type: string, format: date-time }
        label: { type: string, maxLength: 20 }
        owner:
          anyOf:
            - $ref: '#/components/schemas/NameValue'
            - type: 'null'
        data:
          anyOf:
            - type: array
              items: { $ref: '#/components/schemas/NameValue' }
            - $ref: '#/components/schemas/ErrorDetail'
        meta:
          type: object
          additionalProperties: { type: string }
        steps:
          type: array
          items: { $ref: '#/components/schemas/Step' }
    Step:
      type: object
      required: [name]
      properties:
        name: { type: string }
        steps:
          type: array
          items: { $ref: '#/components/schemas/Step' }
`;

const document: Doc = parse(published);
const more: Doc = parse(MORE);
document.paths["/v1/connectors/"].post = more.paths["/v1/connectors/"].post;
document.paths["/v1/runs/{run_id}"] = more.paths["/v1/runs/{run_id}"];
Object.assign(document.components.schemas, more.components.schemas);

/** A new copy each time, because pairs change it. */
export function pairContract(): Doc {
  return structuredClone(document);
}
