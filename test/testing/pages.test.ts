/** `pageOf`: the pages of a simulated list. */
import { expect, test } from "vitest";
import { pageOf } from "../../src/testing/simulator/pages.js";

const items = Array.from({ length: 101 }, (_, index) => index);

test("a list without page is returned as it is", () => {
  expect(pageOf(items, new URLSearchParams("limit=5"))).toBe(items);
});

test.each([
  ["page=1", 0, 50, { page: 1, limit: 50, has_next_page: true }],
  ["page=3", 100, 101, { page: 3, limit: 50, has_next_page: false }],
  ["page=4", 101, 101, { page: 4, limit: 50, has_next_page: false }],
  ["page=2&limit=10", 10, 20, { page: 2, limit: 10, has_next_page: true }],
  ["page=1&limit=101", 0, 101, { page: 1, limit: 101, has_next_page: false }],
  ["page=1&limit=100", 0, 100, { page: 1, limit: 100, has_next_page: true }],
])("%s has the items from %i to %i", (query, start, end, page) => {
  const expected = { ...page, items: items.slice(start, end), total_count: 101 };
  expect(pageOf(items, new URLSearchParams(query))).toEqual(expected);
});
