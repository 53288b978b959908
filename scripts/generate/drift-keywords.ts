/**
 * Keywords for ajv that replace its own where a report must not contain data, or where its own are too slow. Paths in
 * errors have `[]` for the index of a list and `*` for the key of a map: no key that is data reaches an error.
 */
import { _, type Ajv, type Code, type CodeKeywordDefinition, KeywordCxt, Name, str } from "ajv";
import { asType, DISJOINT } from "./drift-schema.js";

/** `this` of a validator: how many items of a list are checked, and where the checks start. See `Sampling`. */
const SAMPLING = new Name("this");

/** Items of a list: all of them, or as many as the sampling allows, evenly spread. */
const items: CodeKeywordDefinition = {
  keyword: "items",
  type: "array",
  schemaType: ["object", "boolean"],
  code(cxt) {
    const { gen, data } = cxt;
    const length = gen.const("length", _`${data}.length`);
    const step = gen.const("step", _`${length} > ${SAMPLING}.limit ? Math.ceil(${length} / ${SAMPLING}.limit) : 1`);
    const index = gen.name("i");
    const start = _`${step} > 1 ? Math.floor(${SAMPLING}.offset * ${step}) : 0`;
    gen.for(_`let ${index} = ${start}; ${index} < ${length}; ${index} += ${step}`, () =>
      applyTo(cxt, _`${data}[${index}]`, "/[]"),
    );
  },
};

/** Values of a map. */
const additionalProperties: CodeKeywordDefinition = {
  keyword: "additionalProperties",
  type: "object",
  schemaType: ["object", "boolean"],
  code(cxt) {
    const { gen, data, schema, parentSchema } = cxt;
    if (typeof schema === "boolean") {
      return;
    }
    const names = Object.keys(parentSchema.properties ?? {});
    const left = gen.let("left", _`${SAMPLING}.limit`);
    gen.forIn("key", data, (key) =>
      gen.if(_`${isNoneOf(key, names)} && ${left}-- > 0`, () => applyTo(cxt, _`${data}[${key}]`, "/*")),
    );
  },
};

/** Fields that the contract does not name. To compare their number first saves most of the time. */
const undocumented: CodeKeywordDefinition = {
  keyword: "undocumented",
  type: "object",
  schemaType: "array",
  error: { message: "", params: ({ params: { key, value } }) => _`{name: ${key}, value: ${value}}` },
  code(cxt) {
    const { gen, data, schema } = cxt;
    const names = schema as string[];
    const extra = gen.let("extra", 0);
    gen.forIn("key", data, () => gen.code(_`${extra}++`));
    for (const name of names) {
      gen.if(_`${data}[${name}] !== undefined`, () => gen.code(_`${extra}--`));
    }
    gen.if(_`${extra} > 0`, () =>
      gen.forIn("key", data, (key) =>
        gen.if(isNoneOf(key, names), () => {
          cxt.setParams({ key, value: _`${data}[${key}]` });
          cxt.error();
        }),
      ),
    );
  },
};

function isNoneOf(key: Name, names: readonly string[]): Code {
  return names.reduce<Code>((all, name) => _`${all} && ${key} !== ${name}`, _`true`);
}

/** Applies a keyword's schema to a part of the data, under a segment of the path that names no index and no key. */
function applyTo(cxt: KeywordCxt, part: Code, segment: string): void {
  // ajv writes the index or the key itself into the path; a context of our own has the segment there already.
  const errorPath = str`${cxt.it.errorPath}${segment}` as Name;
  const inner = new KeywordCxt({ ...cxt.it, errorPath }, cxt.def, cxt.keyword);
  inner.subschema({ keyword: cxt.keyword, data: part, dataTypes: [] }, cxt.gen.name("valid"));
}

/** A branch of a union: its schema applies to values of one type. ajv's `if` would be three times as long. */
const branches = DISJOINT.map(
  (type): CodeKeywordDefinition => ({
    keyword: asType(type),
    type,
    schemaType: "object",
    code: (cxt) => void cxt.subschema({ keyword: cxt.keyword }, cxt.gen.name("valid")),
  }),
);

/** Replaces ajv's keywords by these. */
export function addDriftKeywords(ajv: Ajv): void {
  for (const definition of [items, additionalProperties, undocumented, ...branches]) {
    const { keyword } = definition;
    ajv.removeKeyword(String(keyword)).addKeyword(definition);
  }
  ajv.addVocabulary(["expected"]);
}
