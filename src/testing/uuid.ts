/** What is wrong with a UUID, in the words of the library that the server reads it with. */

const GROUPS = [8, 4, 4, 4, 12] as const;

/** The problem of a text that should be a UUID; undefined for a good one, in any of the four usual spellings. */
export function uuidProblem(text: string): string | undefined {
  const [, prefix = "", inner = ""] = /^(\{(?=.*\}$)|urn:uuid:|)(.*?)\}?$/s.exec(text) ?? [];
  const digits = prefix === "{" ? inner : text.slice(prefix.length);
  const stranger = /[^0-9a-f-]/i.exec(digits);
  if (stranger) {
    const at = prefix.length + stranger.index + 1;
    return `invalid character: expected an optional prefix of \`urn:uuid:\` followed by [0-9a-fA-F-], found \`${String.fromCodePoint(digits.codePointAt(stranger.index) ?? 0)}\` at ${at}`;
  }
  const groups = digits.split("-");
  if (groups.length === 1 && prefix === "") {
    return digits.length === 32
      ? undefined
      : `invalid length: expected length 32 for simple format, found ${text.length}`;
  }
  if (groups.length !== GROUPS.length) {
    return `invalid group count: expected 5, found ${groups.length}`;
  }
  const wrong = GROUPS.findIndex((length, index) => groups[index]?.length !== length);
  return wrong === -1
    ? undefined
    : `invalid group length in group ${wrong}: expected ${GROUPS[wrong]}, found ${groups[wrong]?.length}`;
}
