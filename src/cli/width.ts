/** Measures, cuts and wraps text by its width in terminal columns, in linear time. */

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** The segmenter takes quadratic time for long texts, so it gets chunks of this many characters. */
const CHUNK = 500;

/** East Asian wide and fullwidth characters, in two columns each. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|\u20e3/u;
const INVISIBLE = /^[\p{Mark}\p{Format}]+$/u;
/** Latin text has one column per character, so the slow segmenter is not needed. */
const LATIN = /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff]*$/;

/** The width of a line in columns. */
export function displayWidth(text: string): number {
  return takeFitting(text, Number.POSITIVE_INFINITY).width;
}

/** Cuts a text to a width. A cut text ends with an ellipsis. */
export function cut(text: string, width: number): string {
  // Most texts fit. Measuring stops at the first character that does not.
  return takeFitting(text, width).text.length === text.length ? text : `${takeFitting(text, width - 1).text}…`;
}

/** Fills a text with spaces up to a width. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/**
 * Breaks a text at spaces into lines of at most a width.
 *
 * @param breaksWords - Whether to break a word that is wider than a line. Default: true.
 */
export function wrap(text: string, width: number, breaksWords = true): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const [, gap = "", word = ""] of text.trim().matchAll(/( *)([^ ]+)/g)) {
    const wordWidth = displayWidth(word);
    if (used + gap.length + wordWidth <= width || line === "") {
      line += gap + word;
      used += gap.length + wordWidth;
    } else {
      lines.push(line);
      line = word;
      used = wordWidth;
    }
    if (used > width && breaksWords) {
      const pieces = breakWord(line, width);
      line = pieces.pop() ?? "";
      used = displayWidth(line);
      for (const piece of pieces) {
        lines.push(piece);
      }
    }
  }
  return [...lines, line];
}

/** Every piece has at least one character, even if the character is wider than the line. */
function breakWord(word: string, width: number): string[] {
  const pieces: string[] = [];
  let start = 0;
  let used = 0;
  for (const { segment, index } of graphemesOf(word)) {
    const columns = graphemeWidth(segment);
    if (used + columns > width && index > start) {
      pieces.push(word.slice(start, index));
      start = index;
      used = 0;
    }
    used += columns;
  }
  return [...pieces, word.slice(start)];
}

/** The longest prefix of a text that fits into a number of columns, and the width of the prefix. */
function takeFitting(text: string, columns: number): { text: string; width: number } {
  const most = Math.max(0, Math.floor(columns));
  // The character after the cut counts: a combining one belongs to the character before it.
  if (LATIN.test(text.slice(0, most + 1))) {
    const start = text.slice(0, most);
    return { text: start, width: start.length };
  }
  let width = 0;
  for (const { segment, index } of graphemesOf(text)) {
    const next = width + graphemeWidth(segment);
    if (next > most) {
      return { text: text.slice(0, index), width };
    }
    width = next;
  }
  return { text, width };
}

function* graphemesOf(text: string): Generator<{ segment: string; index: number }, void, undefined> {
  for (let start = 0; start < text.length; ) {
    const isInPair = /[\ud800-\udbff]/.test(text[start + CHUNK - 1] ?? "");
    const chunk = text.slice(start, start + CHUNK + (isInPair ? 1 : 0));
    const isLast = start + chunk.length >= text.length;
    let end = 0;
    for (const { segment, index } of segmenter.segment(chunk)) {
      // The last character of a chunk may continue in the next one.
      if (!isLast && index > 0 && index + segment.length === chunk.length) {
        break;
      }
      yield { segment, index: start + index };
      end = index + segment.length;
    }
    start += end;
  }
}

function graphemeWidth(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) {
    return 0;
  }
  return WIDE.test(grapheme) || EMOJI.test(grapheme) ? 2 : 1;
}
