/** The simulator's catalogue: tests of users depend on its ids, names and prices, so a change of it is deliberate. */
import { expect, test } from "vitest";
import { stringify } from "yaml";
import * as catalogue from "../../src/testing/simulator/catalogue.js";

test("the simulator's catalogue is the one that is written down (vitest -u writes it)", async () => {
  await expect(stringify({ ...catalogue }, { aliasDuplicateObjects: false })).toMatchFileSnapshot(
    "../fixtures/catalogue.yaml",
  );
});
