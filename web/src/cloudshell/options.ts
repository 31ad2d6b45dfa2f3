// Reads the words of an aws command as the CLI's own parser does: options before
// and after, in full or as far as they are unique, with their values or none.
import type { Option } from "./option-table";
import { UsageError } from "./values";

const usage = `usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]
To see help text, you can run:

  aws help
  aws <command> help
  aws <command> <subcommand> help
`;

/** What is wrong with the words, said below how the CLI is used. */
export class ArgumentError extends UsageError {
  constructor(message: string, prefix = "aws: error: ") {
    super(`${usage}\n${prefix}${message}\n`);
  }
}

/** The options that every command takes, and whether they take a value. */
export const globalOptions: Record<string, boolean> = {
  debug: false, "endpoint-url": true, "no-verify-ssl": false, "no-paginate": false, output: true, query: true, profile: true, region: true,
  version: false, color: true, "no-sign-request": false, "ca-bundle": true, "cli-read-timeout": true, "cli-connect-timeout": true,
  "cli-binary-format": true, "no-cli-pager": false, "cli-auto-prompt": false, "no-cli-auto-prompt": false,
};

/** Whether a word names an option, and is not a value: a number, or a text with spaces. */
function isOption(word: string): boolean {
  if (!word.startsWith("-") || word === "-" || /^-\d+$|^-\d*\.\d+$/.test(word)) return false;
  return !word.includes(" ") || /^--[a-z-]+=/.test(word);
}

function split(word: string): [name: string, value: string | undefined] {
  const at = word.indexOf("=");
  return at < 0 ? [word.slice(2), undefined] : [word.slice(2, at), word.slice(at + 1)];
}

/** Takes out the options that every command has. It throws an ArgumentError. */
export function readGlobals(words: string[]): { globals: Map<string, string>; rest: string[] } {
  const globals = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const [name, value] = isOption(word) && word.startsWith("--") ? split(word) : ["", undefined];
    if (!Object.hasOwn(globalOptions, name)) rest.push(word);
    else if (!globalOptions[name]) {
      if (value !== undefined) throw new ArgumentError(`argument --${name}: ignored explicit argument '${value}'`);
      globals.set(name, "");
    } else if (value !== undefined) globals.set(name, value);
    else if (i + 1 < words.length && !isOption(words[i + 1]!)) globals.set(name, words[++i]!);
    else throw new ArgumentError(`argument --${name}: expected one argument`);
  }
  return { globals, rest };
}

/** Takes the next word that is not an option, the name of what is to be done. */
export function takeName(words: string[], what: string): { name: string; rest: string[] } {
  const at = words.findIndex((w) => !isOption(w));
  if (at < 0) throw new ArgumentError(`the following arguments are required: ${what}`);
  return { name: words[at]!, rest: words.filter((_, i) => i !== at) };
}

/** What was written after options: a value, values, or a switch turned on or off. */
export type Written = Map<Option, string | string[] | boolean>;

/** Reads the options of an operation. It throws an ArgumentError. */
export function readOptions(words: string[], table: Option[]): Written {
  const names = new Map<string, [option: Option, on: boolean]>();
  for (const option of table) {
    names.set(option.name, [option, true]);
    if (option.alias) names.set(option.alias, [option, true]);
    if (option.takes === "switch") names.set("no-" + option.name, [option, false]);
  }
  const written: Written = new Map();
  const unknown: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") continue;
    if (!isOption(word)) {
      unknown.push(word);
      continue;
    }
    const [typed, value] = split(word);
    const name = wholeName(typed, names);
    if (!word.startsWith("--") || name === undefined) {
      unknown.push(word);
      continue;
    }
    const [option, on] = names.get(name)!;
    if (option.takes === "switch") {
      if (value !== undefined) throw new ArgumentError(`argument --${name}: ignored explicit argument '${value}'`);
      written.set(option, on);
      continue;
    }
    const values = value === undefined ? [] : [value];
    if (value === undefined) {
      while (i + 1 < words.length && !isOption(words[i + 1]!) && (option.takes === "values" || values.length === 0)) values.push(words[++i]!);
    }
    if (option.takes === "value" && values.length === 0) throw new ArgumentError(`argument --${name}: expected one argument`);
    checkChoice(option, values[0]);
    written.set(option, option.takes === "values" ? values : (values[0] ?? option.alone!));
  }
  // The CLI takes the first word that is no option for the word help, and tells of it last.
  const first = unknown.findIndex((w) => !isOption(w));
  if (first >= 0) unknown.push(...unknown.splice(first, 1));
  if (unknown.length > 0) throw new ArgumentError(`Unknown options: ${unknown.join(", ")}`, "");
  const missing = excused(written) ? [] : table.filter((o) => o.required && !written.has(o));
  if (missing.length > 0) throw new ArgumentError(`the following arguments are required: ${missing.map((o) => "--" + o.name).join(", ")}`);
  return written;
}

/** An input from elsewhere, and a skeleton of one, need no options. */
function excused(written: Written): boolean {
  for (const [option, value] of written) {
    if (option.name === "cli-input-json" || (option.name === "generate-cli-skeleton" && value !== "output")) return true;
  }
  return false;
}

/** An option's whole name, which may be cut short as far as it is unique. */
function wholeName(typed: string, names: Map<string, unknown>): string | undefined {
  if (names.has(typed)) return typed;
  const fitting = typed === "" ? [] : [...names.keys()].filter((n) => n.startsWith(typed));
  if (fitting.length > 1) throw new ArgumentError(`ambiguous option: --${typed} could match ${fitting.map((n) => "--" + n).join(", ")}`);
  return fitting[0];
}

function checkChoice(option: Option, value: string | undefined): void {
  if (option.choices && value !== undefined && !option.choices.includes(value)) throw invalidChoice(`--${option.name}`, value, option.choices);
  if (option.number && value !== undefined && !/^\s*[-+]?\d+\s*$/.test(value)) throw new ArgumentError(`argument --${option.name}: invalid int value: '${value}'`);
}

/** A name that is none, with all that are, and those that are near. */
export function invalidChoice(what: string, value: string, choices: readonly string[]): ArgumentError {
  const lines: string[] = [];
  for (let i = 0; i < choices.length; i += 2) lines.push(choices.slice(i, i + 2).map((c) => c.padEnd(40)).join(" | "));
  let message = `argument ${what}: Invalid choice, valid choices are:\n\n${lines.join("\n")}`;
  const near = choices
    .map((c) => [likeness(value, c), c] as const)
    .filter(([l]) => l >= 0.8)
    .sort((a, b) => b[0] - a[0])
    .slice(0, 3);
  if (near.length > 0) message += `\n\n\nInvalid choice: '${value}', maybe you meant:\n\n${near.map(([, c]) => "  * " + c).join("\n")}`;
  return new ArgumentError(message);
}

/** How alike two names are, 0 to 1: the characters that both have in long runs. */
function likeness(a: string, b: string): number {
  if (a.length + b.length > 200) return 0;
  return (2 * common(a, b)) / (a.length + b.length || 1);
}

function common(a: string, b: string): number {
  let long = 0;
  let ia = 0;
  let ib = 0;
  for (let i = 0; i < a.length; i++) {
    for (let k = 0; k < b.length; k++) {
      let n = 0;
      while (i + n < a.length && a[i + n] === b[k + n]) n++;
      if (n > long) [long, ia, ib] = [n, i, k];
    }
  }
  if (long === 0) return 0;
  return long + common(a.slice(0, ia), b.slice(0, ib)) + common(a.slice(ia + long), b.slice(ib + long));
}
