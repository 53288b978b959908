/** Completion: {@link complete} lists the words that can follow, and a script for each shell calls it. */
import { readdirSync } from "node:fs";
import { optionList, optionsOf, tokenize } from "./args.js";
import { type Command, commandsUnder, findCommand, nextWords, PROGRAM, type shells, splitWords } from "./commands.js";
import { isBoolean } from "./schema.js";

/** A word that can follow, and what it means. A word that ends with = or / is not complete. */
interface Candidate {
  word: string;
  text?: string;
}

/**
 * The candidates for the last word, one per line, with a tab before their descriptions.
 *
 * @param typed - The words after the program's name up to the cursor. The last one is incomplete, or empty.
 */
export function complete(typed: readonly string[]): string {
  const current = typed.at(-1) ?? "";
  return candidatesFor(typed.slice(0, -1), current)
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, text }) => (text ? `${word}\t${text}` : word))
    .join("\n");
}

function candidatesFor(before: readonly string[], current: string): Candidate[] {
  const { words, last } = tokenize(before);
  const { path, ids } = splitWords(words[0] === "help" ? words.slice(1) : words);
  const command = findCommand(path);
  const takesValue = (name: string): boolean =>
    optionList.some(([each, { type }]) => each === name && type === "string");
  if (last?.kind === "option" && last.value === undefined && takesValue(last.name)) {
    return valuesOf(last.name, command, current);
  }
  const [, inline = ""] = /^--([\w-]+)=/.exec(current) ?? [];
  if (takesValue(inline)) {
    const start = `--${inline}=`;
    const values = valuesOf(inline, command, current.slice(start.length));
    return values.map(({ word, ...more }) => ({ word: start + word, ...more }));
  }
  if (current.startsWith("-")) {
    const accepted = command ? optionsOf(command) : optionList.filter(([, { of }]) => commandsUnder(path).every(of));
    return accepted.map(([name, { text, typed = name }]) => ({ word: `--${typed}`, text }));
  }
  if (command) {
    const values = command.ids[ids.length]?.schema.enum ?? [];
    return values.map((value) => ({ word: String(value) }));
  }
  const help = words.length === 0 ? [{ word: "help", text: "Show the help of a command" }] : [];
  const next = ids.length === 0 ? nextWords(path).filter((word) => word !== "complete") : [];
  return [...next.map((word) => ({ word, text: describe([...path, word]) })), ...help];
}

/** A command by its summary, a group of commands by their number. */
function describe(words: string[]): string {
  const count = commandsUnder(words).length;
  return findCommand(words)?.summary ?? `${count} ${count === 1 ? "method" : "methods"}`;
}

function valuesOf(option: string, command: Command | undefined, current: string): Candidate[] {
  if (option === "query") {
    const parameters = command?.query ?? [];
    const named = parameters.find(({ name }) => current.startsWith(`${name}=`));
    return named
      ? (isBoolean(named.schema) ? ["true", "false"] : []).map((value) => ({ word: `${named.name}=${value}` }))
      : parameters.map(({ name, description }) => ({ word: `${name}=`, text: description }));
  }
  return option === "body" || option === "settings" ? [...filesOf(current), { word: "-", text: "standard input" }] : [];
}

/** The files in the folder of a path such as `@data/ro`. */
function filesOf(current: string): Candidate[] {
  const [, folder = "", start = ""] = /^@?(.*\/)?(.*)$/s.exec(current) ?? [];
  try {
    return readdirSync(folder || ".", { withFileTypes: true })
      .filter(({ name }) => name.startsWith(start) && (start !== "" || !name.startsWith(".")))
      .map((file) => ({ word: `@${folder}${file.name}${file.isDirectory() ? "/" : ""}` }));
  } catch {
    // A folder that does not exist or cannot be read has no candidates.
    return [];
  }
}

/** The script that makes a shell call `databar-client complete`. */
export const scripts: Readonly<Record<(typeof shells)[number], string>> = {
  // Bash replaces only the end of a word, from the last = : or @ on ($2): the start of each candidate is removed.
  bash: `# Completion for bash: eval "$(${PROGRAM} completion bash)"
_databar_client() {
  local line=\${COMP_LINE:0:COMP_POINT} words candidate start
  read -a words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  start=\${words[\${#words[@]}-1]%"\${2//\\\\/}"}
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    candidate=\${candidate#"$start"} && COMPREPLY+=("\${candidate// /\\\\ }")
  done < <("$1" complete -- "\${words[@]:1}" 2>/dev/null)
  [[ \${COMPREPLY[0]} != *[=/] ]] || compopt -o nospace 2>/dev/null
}
complete -F _databar_client ${PROGRAM}`,
  zsh: `#compdef ${PROGRAM}
# Completion for zsh, after compinit: eval "$(${PROGRAM} completion zsh)"
_databar_client() {
  local -a whole open; local word text
  while IFS=$'\\t' read -r word text; do
    [[ $word == *[=/] ]] && open+=("\${word//:/\\\\:}:$text") || whole+=("\${word//:/\\\\:}:$text")
  done < <(${PROGRAM} complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  _describe ${PROGRAM} whole -- open -S ''
}
if [[ $funcstack[1] == _(databar_client|${PROGRAM}) ]]; then _databar_client "$@"; else compdef _databar_client ${PROGRAM}; fi`,
  fish: `# Completion for fish: ${PROGRAM} completion fish | source
function __databar_client
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  test -n "$current"; or set current ""
  ${PROGRAM} complete -- $words[2..-1] $current 2>/dev/null
end
complete -c ${PROGRAM} -f -a '(__databar_client)'`,
};
