/** The help of `enrich`. */
import { enrichOptions } from "./enrich-args.js";
import { pad, wrap } from "./width.js";

const USAGE = `databar-client enrich FILE --with ID|--waterfall NAME|--flow ID --out FILE [OPTIONS]
databar-client enrich --out FILE --resume [OPTIONS]
databar-client enrich --status FILE`;

const ABOUT = [
  "Runs an enrichment, a waterfall or a flow for each row of a table. FILE is CSV with a header, or JSON lines; - reads standard input. Rows with the same parameters are paid once.",
  "Before anything is paid, it shows rows, cost and balance, and asks. Every step is recorded in a ledger beside the output, so that a job that was interrupted continues with --resume and pays nothing twice.",
  "The output has a line for each row: its columns, the columns of the result, _status (done, empty, failed, in_doubt, lost, refused, pending, in_flight) and _error.",
];

const EXAMPLES = `databar-client enrich leads.csv --with 833 --map domain=Website --max-credits 200 --out out.csv
databar-client enrich leads.csv --waterfall email_getter --map first_name=First --map company=Company --out out.csv
databar-client enrich --out out.csv --resume --retry-failed
databar-client enrich --status out.csv`;

/** The page, wrapped to a width. */
export function enrichHelp(width: number): string {
  const columns = Number.isFinite(width) ? width : 100;
  const options = Object.entries(enrichOptions).map(([name, option]): [term: string, text: string] => {
    const { text, short, value } = option as { text: string; short?: string; value?: string };
    return [`${short ? `-${short}, ` : ""}--${name}${value ? ` ${value}` : ""}`, text];
  });
  const left = Math.min(Math.max(...options.map(([term]) => term.length)), Math.floor(columns / 2));
  const lines = options.flatMap(([term, text]) => {
    const wrapped = wrap(text, Math.max(20, columns - left - 4));
    const isWide = term.length > left;
    return [
      ...(isWide ? [`  ${term}`] : []),
      ...wrapped.map((line, index) => `  ${pad(isWide || index > 0 ? "" : term, left)}  ${line}`),
    ];
  });
  return [
    "Usage",
    ...indent(USAGE),
    "",
    ...ABOUT.flatMap((paragraph) => [...wrap(paragraph, columns), ""]),
    "Options",
    ...lines,
    "",
    "Examples",
    ...indent(EXAMPLES),
  ].join("\n");
}

function indent(text: string): string[] {
  return text.split("\n").map((line) => `  ${line}`);
}
