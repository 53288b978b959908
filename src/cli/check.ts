/** Checks whether words, options and ids fit a command, and describes what the command accepts. */
import { optionList, type Values } from "./args.js";
import { type Command, commands, commandsUnder, idName, nextWords, PROGRAM } from "./commands.js";
import { CommandLineError } from "./failure.js";
import { usage } from "./help.js";
import { countOf } from "./print.js";
import { nearest } from "./suggest.js";

/** The error for a word that does not follow others, with the word that the user probably meant. */
export function describeUnknownWord(path: readonly string[], word: string): string {
  const before = path.map((each) => `${each} `).join("");
  const meant = nearest(word, [...nextWords(path), ...(path.length === 0 ? ["help"] : [])]);
  const hint = meant ? `${before}${meant}` : describePlaces(word);
  return `Unknown command "${before}${word}": ${hint ? `did you mean ${hint}?` : `${PROGRAM} ${before}--help shows the commands`}`;
}

/** The commands that contain a word which was typed without the words before it. */
function describePlaces(word: string): string | undefined {
  const meant = nearest(word, new Set(commands.flatMap(({ words }) => words)));
  const places = commands.flatMap(({ words }) =>
    meant !== undefined && words.includes(meant) ? [words.slice(0, words.indexOf(meant) + 1).join(" ")] : [],
  );
  const all = [...new Set(places)];
  return all.length === 0 ? undefined : `${all.slice(0, 3).join(", ")}${all.length > 3 ? " or another" : ""}`;
}

/**
 * @param targets - The named command, and the one that `--wait` turns it into.
 * @throws CommandLineError for an option that neither accepts, and for two that read standard input.
 */
export function checkOptions(targets: [Command, Command], values: Values): void {
  for (const [name, { of }] of optionList) {
    if (values[name] !== undefined && !targets.some(of)) {
      const takers = commandsUnder([]).filter(of);
      const named = takers.slice(0, 3).map(({ words }) => words.join(" "));
      throw new CommandLineError(
        `${targets[0].words.join(" ")} takes no --${name}: it goes with ${named.join(", ")}${takers.length > 3 ? " and others" : ""}`,
      );
    }
  }
  const readers = [
    ...(["body", "settings"] as const).flatMap((name) => (values[name] === "-" ? [`--${name} -`] : [])),
    ...(values["api-key-stdin"] ? ["--api-key-stdin"] : []),
  ];
  if (readers.length > 1) {
    throw new CommandLineError(`${readers.join(" and ")} exclude each other: standard input can be read once`);
  }
}

/** @throws CommandLineError for too few or too many ids. */
export function checkIds(command: Command, ids: readonly string[]): void {
  if (ids.length !== command.ids.length && command.kind !== "complete") {
    const names = command.ids.map(idName).join(" ") || "no ids";
    const verb = ids.length < command.ids.length ? "needs" : "takes";
    throw new CommandLineError(
      `${command.words.join(" ")} ${verb} ${names}: got ${describeIds(ids)}; usage: ${usage(command)}`,
    );
  }
}

/** The first few given ids, each as a whole: a key among them is recognised and masked. */
function describeIds(ids: readonly string[]): string {
  const shown = JSON.stringify([...ids.slice(0, 3), ...(ids.length > 3 ? ["..."] : [])].join(" "));
  return ids.length === 0 ? "none" : `${countOf(ids.length, "value")}, ${shown}`;
}
