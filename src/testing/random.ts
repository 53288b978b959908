/** Random numbers that are the same in every run with the same seed. */

/** Returns numbers from 0 to 1, 1 excluded. */
export type Random = () => number;

/** The mulberry32 generator: small, fast, and uniform enough for tests. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A UUID of version 4. */
export function createUuid(random: Random): string {
  return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, (place) => {
    const digit = Math.floor(random() * 16);
    return (place === "y" ? (digit & 3) | 8 : digit).toString(16);
  });
}
