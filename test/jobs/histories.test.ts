/** A job that is killed anywhere, and continued. `npm run check:jobs` runs 2,000 histories and more. */
import { expect, test } from "vitest";
import { runHistory, scenario, undisturbed } from "../support/histories.js";

test("a job that is killed at any write or request, and continued, pays at most once and has every result", async () => {
  const given = scenario(4, false);
  const expected = await undisturbed(given);
  const whole = await runHistory(given, [], expected);
  expect(whole).toMatchObject({ kills: 0, jobs: 1, inDoubt: 0, problems: [] });
  expect(whole.boundaries).toBeGreaterThan(25);
  const boundariesInDoubt: number[] = [];
  for (let boundary = 1; boundary <= whole.boundaries; boundary++) {
    const history = await runHistory(given, [boundary], expected);
    expect({ boundary, kills: history.kills, problems: history.problems }).toEqual({
      boundary,
      kills: 1,
      problems: [],
    });
    expect(history.inDoubt).toBeLessThanOrEqual(given.chunkSize * given.concurrency);
    history.inDoubt > 0 && boundariesInDoubt.push(boundary);
  }
  // Between intent and accepted: after the write, before and after the request, before and in the middle of the write.
  expect(boundariesInDoubt.length).toBeGreaterThan(0);
  expect(boundariesInDoubt.length).toBeLessThanOrEqual(5 * whole.tasks);
});

test.each(Array.from({ length: 40 }, (_, seed) => seed + 100))(
  "a job of seed %i that is killed twice among failures pays at most once and has every result",
  async (seed) => {
    const given = scenario(seed, true);
    const history = await runHistory(given, [1 + ((seed * 37) % 60), 1 + ((seed * 17) % 40)], await undisturbed(given));
    expect(history.problems).toEqual([]);
  },
);
