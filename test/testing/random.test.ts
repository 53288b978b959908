/** Random numbers: seeds that users have written down give the same run in every version. */
import { expect, test } from "vitest";
import { createRandom, createUuid } from "../../src/testing/random.js";
import { inputKey, randomOf } from "../../src/testing/simulator/keys.js";

const three = (random: () => number): number[] => [random(), random(), random()];

test.each([
  [1, [0.6270739405881613, 0.002735721180215478, 0.5274470399599522]],
  [-5, [0.48384718922898173, 0.05296749505214393, 0.9390332337934524]],
])("the seed %i gives these numbers", (seed, numbers) => {
  expect(three(createRandom(seed))).toEqual(numbers);
});

test.each([
  ["enrichments/833", 1, 0.1981266939546913],
  ["", 7, 0.12754531647078693],
])("the text %j with the seed %i gives the number %d", (text, seed, number) => {
  expect(randomOf(text, seed)()).toBe(number);
});

test("a text gives the same numbers for the same seed, others for another seed or text", () => {
  expect(three(randomOf("a", 1))).toEqual(three(randomOf("a", 1)));
  const all = [randomOf("a", 1), randomOf("a", 2), randomOf("q", 1), randomOf("ab", 1), randomOf("", 1)].map(three);
  expect(new Set(all.flat()).size).toBe(15);
});

test("a UUID is one of version 4", () => {
  const uuids = Array.from({ length: 100 }, (_, seed) => createUuid(createRandom(seed)));
  expect(new Set(uuids).size).toBe(100);
  expect(
    uuids.filter((each) => !/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(each)),
  ).toEqual([]);
  expect(new Set(uuids.map((each) => each[19])).size).toBe(4);
});

test("the key of an input does not depend on the order of its parameters, and keeps the order of lists", () => {
  const target = "enrichments/833";
  const key = (params: object) => inputKey({ target, params } as never);
  expect(key({ b: 1, a: { d: [2, 1], c: null } })).toBe(key({ a: { c: null, d: [2, 1] }, b: 1 }));
  expect(key({ a: [1, 2] })).not.toBe(key({ a: [2, 1] }));
});
