// What the Tab key can make of a line that has begun: commands, services,
// operations, options, and files.
import { modelOf, type Surroundings } from "./command";
import { isService, serviceNames, waiters } from "./facts";
import { globalOptions } from "./options";
import { optionTable } from "./option-table";
import { formats } from "./print";

export interface Completion {
  /** Where the word begins that is to be made whole. */
  from: number;
  candidates: string[];
}

/** What could stand where the text ends. It loads the schemas of a service that is named. */
export async function complete(text: string, commands: string[], around: Surroundings): Promise<Completion> {
  const from = Math.max(text.lastIndexOf(" "), text.lastIndexOf("\n"), text.lastIndexOf("\t")) + 1;
  const before = text.slice(0, from).split(/\s+|\\\n/).filter((w) => w !== "" && w !== "\\");
  const word = text.slice(from);
  const all = await choices(before, word, commands, around);
  return { from, candidates: all.filter((c) => c.startsWith(word)) };
}

async function choices(before: string[], word: string, commands: string[], around: Surroundings): Promise<string[]> {
  const files = around.files.list();
  if (word.startsWith("file://")) return files.map((f) => "file://" + f);
  if (word.startsWith("fileb://")) return files.map((f) => "fileb://" + f);
  const [command, ...rest] = before;
  if (command === undefined) return ["aws", ...commands].sort();
  if (command !== "aws") return files;
  const last = rest.at(-1);
  if (last === "--output") return [...formats];
  const names = rest.filter((w, i) => !w.startsWith("-") && !takesValue(rest[i - 1]));
  const globals = word.startsWith("-") ? Object.keys(globalOptions).map((g) => "--" + g) : [];
  const [service, operation, condition] = names;
  if (service === undefined) return [...serviceNames, "configure", "help", ...globals];
  if (!isService(service)) return service === "configure" ? ["list"] : globals;
  const model = modelOf(await around.load(service));
  const waits = waiters[service];
  if (operation === undefined) return [...model.keys(), ...(waits ? ["wait"] : []), "help", ...globals];
  if (operation === "wait" && waits && condition === undefined) return [...Object.keys(waits), ...globals];
  const called = model.get(operation === "wait" ? (waits?.[condition ?? ""]?.operation ?? "") : operation);
  if (!called) return globals;
  const table = optionTable(called).filter((o) => !o.hidden);
  const choice = table.find((o) => "--" + o.name === last)?.choices;
  if (choice) return choice;
  const options = table
    .flatMap((o) => (o.takes === "switch" ? ["--" + o.name, "--no-" + o.name] : ["--" + o.name]))
    .filter((o) => !rest.includes(o));
  return [...options, ...(rest.length === 2 ? ["help"] : []), ...globals.filter((g) => !rest.includes(g))];
}

function takesValue(word: string | undefined): boolean {
  return word !== undefined && word.startsWith("--") && globalOptions[word.slice(2)] === true;
}

/** As much as all candidates begin with. */
export function commonStart(candidates: string[]): string {
  let start = candidates[0] ?? "";
  for (const c of candidates) while (!c.startsWith(start)) start = start.slice(0, -1);
  return start;
}

/** Candidates in columns, as a terminal lists them. */
export function inColumns(candidates: string[], width: number): string {
  const wide = Math.max(...candidates.map((c) => c.length)) + 2;
  const across = Math.max(1, Math.floor(width / wide));
  const down = Math.ceil(candidates.length / across);
  const lines = Array.from({ length: down }, (_, row) => candidates.filter((_, i) => i % down === row).map((c) => c.padEnd(wide)).join("").trimEnd());
  return lines.join("\n") + "\n";
}
