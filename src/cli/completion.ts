/** Completion scripts for shells, made of the same tables as the commands. */
import { type Option, type OptionName, options, optionsOf } from "./args.js";
import { type Command, commands, commandsUnder, nextWords } from "./commands.js";
import { CommandLineError } from "./failure.js";
import { PROGRAM } from "./help.js";
import { nearest } from "./suggest.js";

const scripts: Readonly<Record<string, () => string>> = { bash, zsh, fish };

/** @throws CommandLineError for a shell that is not known. */
export function completionScript(shell: string | undefined): string {
  const script = Object.hasOwn(scripts, shell ?? "") ? scripts[shell ?? ""] : undefined;
  if (!script) {
    const meant = nearest(shell ?? "", Object.keys(scripts));
    const shells = `${PROGRAM} completion ${Object.keys(scripts).join("|")}`;
    throw new CommandLineError(`completion needs a shell: ${meant ? `did you mean ${meant}?` : shells}`);
  }
  return script();
}

/** A place at which words can follow: what was typed, and what may come. */
interface Place {
  path: string;
  words: { word: string; text: string }[];
}

/** Every place before an id. */
function places(): Place[] {
  const paths = new Set([
    "",
    ...commands.flatMap(({ words }) => words.slice(0, -1).map((_, end) => words.slice(0, end + 1).join(" "))),
  ]);
  return [...paths].map((path) => {
    const before = path === "" ? [] : path.split(" ");
    const words = nextWords(before).map((word) => ({ word, text: describe([...before, word]) }));
    const others = [
      { word: "help", text: "Show the help of a command" },
      { word: "completion", text: "Print a completion script" },
      { word: "mock", text: "Serve the contract's examples" },
    ];
    return { path, words: path === "" ? [...words, ...others] : words };
  });
}

function describe(words: string[]): string {
  const [first, ...others] = commandsUnder(words);
  return first && others.length === 0 && first.words.length === words.length
    ? first.summary
    : others.length === 0
      ? "1 method"
      : `${others.length + 1} methods`;
}

/** The server is not loaded for its options' names. */
const mockOptions = ["port", "host", "latency", "fail", "seed", "help"];

const optionNames = (command: Command | undefined): string[] => optionsOf(command).map(([name]) => `--${name}`);
const queryNames = ({ query }: Command): string[] => query.map(({ name }) => `${name}=`);
const withValue = (Object.entries<Option>(options) as [OptionName, Option][])
  .filter(([, { type }]) => type === "string")
  .map(([name]) => `--${name}`);

/**
 * What bash and zsh have in common: walk the words before the cursor, then look up what may follow. Bash parts words at
 * colons, equals signs and ats: what follows one of these belongs to what is before it.
 */
function walk(words: string): string {
  return `  local place="" word skip=""
  for word in ${words}; do
    case $word in
      *[!:=@]*|"") ;;
      *) skip=1; continue ;;
    esac
    if [[ -n $skip ]]; then skip=""; continue; fi
    case $word in
      ${withValue.join("|")}) skip=1; continue ;;
      -*) continue ;;
    esac
    case "\${place:+$place }$word" in
${[...new Set(commands.flatMap(({ words: all }) => all.map((_, end) => all.slice(0, end + 1).join(" "))))]
  .map((path) => `      "${path}") place="${path}" ;;`)
  .join("\n")}
      help) ;;
      completion) place="completion" ;;
      mock) place="mock" ;;
      *) break ;;
    esac
  done`;
}

function lookup(
  variable: string,
  of: (place: string) => [pattern: string, words: string[]][],
  standard: string[],
): string {
  return `  case $${variable} in
${of(variable)
  .map(([pattern, words]) => `    "${pattern}") words="${words.join(" ")}" ;;`)
  .join("\n")}
    *) words="${standard.join(" ")}" ;;
  esac`;
}

const byOption = (): [string, string[]][] => [
  ...commands.map((each): [string, string[]] => [each.words.join(" "), optionNames(each)]),
  ["mock", mockOptions.map((name) => `--${name}`)],
];
const byQuery = (): [string, string[]][] =>
  commands.filter(({ query }) => query.length > 0).map((each) => [each.words.join(" "), queryNames(each)]);
const byWord = (): [string, string[]][] => [
  ...places().map(({ path, words }): [string, string[]] => [path, words.map(({ word }) => word)]),
  ["completion", Object.keys(scripts)],
];

function bash(): string {
  return `# ${PROGRAM} completion for bash: eval "$(${PROGRAM} completion bash)"
_databar_client() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words=""
${walk(`"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`)}
  COMPREPLY=()
  if [[ $prev == --query ]]; then
${lookup("place", byQuery, [])}
    compopt -o nospace 2>/dev/null
  elif [[ " ${withValue.join(" ")} " == *" $prev "* ]]; then
    compopt -o default 2>/dev/null
    return
  elif [[ $cur == -* ]]; then
${lookup("place", byOption, optionNames(undefined))}
  else
${lookup("place", byWord, [])}
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _databar_client ${PROGRAM}`;
}

function zsh(): string {
  return `#compdef ${PROGRAM}
# ${PROGRAM} completion for zsh: eval "$(${PROGRAM} completion zsh)" after compinit, or a file _${PROGRAM} in your fpath
_databar_client() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]}
  local -a typed=("\${(@)words[2,CURRENT-1]}")
  local -a found=()
${walk(`"\${typed[@]}"`)}
  local words=""
  if [[ $prev == --query ]]; then
${lookup("place", byQuery, [])}
    compadd -S '' -- \${=words}
    return
  elif [[ " ${withValue.join(" ")} " == *" $prev "* ]]; then
    _files
    return
  elif [[ $cur == -* ]]; then
${lookup("place", byOption, optionNames(undefined))}
    compadd -- \${=words}
    return
  fi
  case $place in
${places()
  .map(
    ({ path, words }) =>
      `    "${path}") found=(${words.map(({ word, text }) => quote(`${word}:${text}`)).join(" ")}) ;;`,
  )
  .join("\n")}
    completion) found=(${Object.keys(scripts).join(" ")}) ;;
  esac
  _describe '${PROGRAM}' found
}
if [[ \${funcstack[1]} == _databar_client || \${funcstack[1]} == _${PROGRAM} ]]; then
  _databar_client "$@"
else
  compdef _databar_client ${PROGRAM}
fi`;
}

function fish(): string {
  const at = (path: string): string => quote(`__databar_client_at ${quote(path)}`);
  const inside = (command: Command): string => quote(`__databar_client_in ${quote(command.words.join(" "))}`);
  return [
    `# ${PROGRAM} completion for fish: ${PROGRAM} completion fish | source`,
    `function __databar_client_words
  set -l skip ""
  set -l typed (commandline -opc)[2..-1]
  test "$typed[1]" = help; and set -e typed[1]
  for word in $typed
    if test -n "$skip"
      set skip ""
    else if contains -- $word ${withValue.join(" ")}
      set skip 1
    else if not string match -q -- '-*' $word
      echo $word
    end
  end
end
function __databar_client_at
  set -l typed (string join " " -- (__databar_client_words))
  test "$typed" = "$argv"
end
function __databar_client_in
  set -l typed (string join " " -- (__databar_client_words))
  string match -q -- "$argv *" "$typed "
end
complete -c ${PROGRAM} -f`,
    ...places().flatMap(({ path, words }) =>
      words.map(({ word, text }) => `complete -c ${PROGRAM} -n ${at(path)} -a ${word} -d ${quote(text)}`),
    ),
    `complete -c ${PROGRAM} -n ${at("completion")} -a ${quote(Object.keys(scripts).join(" "))}`,
    ...mockOptions.map((name) => `complete -c ${PROGRAM} -n ${at("mock")} -l ${name}${name === "help" ? "" : " -x"}`),
    ...optionsOf(undefined).map(([name, { type, text, short }]) => fishOption(name, type, text, short, "")),
    ...commands.flatMap((command) =>
      optionsOf(command)
        .filter(([, { of }]) => of !== undefined)
        .map(([name, { type, text, short }]) =>
          fishOption(
            name,
            type,
            text,
            short,
            ` -n ${inside(command)}${name === "query" ? ` -a ${quote(queryNames(command).join(" "))}` : ""}`,
          ),
        ),
    ),
  ].join("\n");
}

function fishOption(name: string, type: string, text: string, short: string | undefined, more: string): string {
  const takesFile = name === "body" || name === "settings";
  const value = type === "string" ? (takesFile ? " -r -F" : " -x") : "";
  return `complete -c ${PROGRAM}${more} -l ${name}${short ? ` -s ${short}` : ""}${value} -d ${quote(text)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
