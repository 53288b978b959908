/** `tsc` compares each method's result type with the contract's, so that a changed response schema does not go unnoticed. */
import { expectTypeOf, test } from "vitest";
import type { Routes } from "../../src/generated/routes.gen.js";
import type { Success } from "../../src/http/contract.js";
import type { Connector, Databar, EnrichmentPage, EnrichmentSummary, Exporter, ExporterPage } from "../../src/index.js";

/** The method with a dotted name, such as `connectors.list`. */
type At<T, Name extends string> = Name extends `${infer Head}.${infer Tail}`
  ? At<T[Head & keyof T], Tail>
  : T[Name & keyof T];

type ResultOf<Name extends string> =
  At<Databar, Name> extends (...args: never[]) => Promise<infer Result> ? Result : "no such method";

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : { method: A; contract: B };

/** Two methods share these operations: the server returns a list, or a page if the request has a page number. */
type TwoShapes = "enrichments.list" | "exporters.list";

/** The caller passes the row type as a type argument. */
type Generic = "tables.rows.list";

type Proof = {
  [Name in Exclude<keyof Routes, TwoShapes | Generic>]: Equal<ResultOf<Name>, Success<Routes[Name]>>;
};

type Unequal = { [Name in keyof Proof]: Proof[Name] extends true ? never : Name }[keyof Proof];

/** Without a type argument, a row has the contract's type. */
const listRows = (databar: Databar) => databar.tables.rows.list("t");

test("every method returns the documented success response of its operation", () => {
  expectTypeOf<Unequal>().toEqualTypeOf<never>();
  type Page = Awaited<ReturnType<typeof listRows>>;
  expectTypeOf<Page>().toExtend<Success<Routes["tables.rows.list"]>>();
  expectTypeOf<Success<Routes["tables.rows.list"]>>().toExtend<Page>();
});

test("each method of an operation with two response shapes returns one of the shapes", () => {
  expectTypeOf<Success<Routes["enrichments.list"]>>().toEqualTypeOf<EnrichmentSummary[] | EnrichmentPage>();
  expectTypeOf<ResultOf<"enrichments.list">>().toEqualTypeOf<EnrichmentSummary[]>();
  expectTypeOf<ResultOf<"enrichments.listPage">>().toEqualTypeOf<EnrichmentPage>();
  expectTypeOf<Success<Routes["exporters.list"]>>().toEqualTypeOf<Exporter[] | ExporterPage>();
  expectTypeOf<ResultOf<"exporters.list">>().toEqualTypeOf<Exporter[]>();
  expectTypeOf<ResultOf<"exporters.listPage">>().toEqualTypeOf<ExporterPage>();
});

test("the type comparison detects a field that differs", () => {
  expectTypeOf<Equal<{ a: string }, { a: string }>>().toEqualTypeOf<true>();
  expectTypeOf<Equal<{ a: string }, { a: string; b?: number }>>().not.toEqualTypeOf<true>();
  expectTypeOf<Equal<ResultOf<"connectors.lost">, Connector[]>>().not.toEqualTypeOf<true>();
});
