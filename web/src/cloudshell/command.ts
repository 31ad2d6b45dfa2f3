// Runs an aws command: reads its words, calls the service, prints the answer or why
// there is none. It knows no page and no browser.
import jmespath from "jmespath";
import { answerOf, type Value, type Values } from "./answer";
import { checkInput } from "./check";
import { isService, serviceNames, waiters, type ServiceName } from "./facts";
import { base64, type Files } from "./files";
import * as help from "./help";
import { readModel, type Model, type Module, type Operation } from "./model";
import { optionTable } from "./option-table";
import { ArgumentError, invalidChoice, readGlobals, readOptions, takeName, type Written } from "./options";
import { onceOf, pages, together, type PagingOptions } from "./paging";
import { formats, print, type Format } from "./print";
import { pythonType } from "./python";
import { skeleton } from "./skeleton";
import { fileOf, UsageError, valueOf } from "./values";
import { explain, wait } from "./failure";
import type { HelpTexts } from "./texts";

/** What a client of the SDK does. */
export interface Client {
  send(command: unknown, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
}

/** A module of the SDK, and a client of it that acts for somebody. */
export interface Service {
  module: Module;
  client: Client;
}

/** What a command has around it. */
export interface Surroundings {
  load(service: ServiceName): Promise<Service>;
  files: Files;
  /** The terminal's columns. */
  width(): number;
  region: string;
  /** Of the keys that commands are signed by. */
  accessKeyId(): string;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  variable?(name: string): string;
  /** What the help tells beside the schemas. */
  texts?(service: ServiceName): Promise<HelpTexts | undefined>;
}

export interface Result {
  stdout: string;
  stderr: string;
  code: number;
}

export const version = "aws-cli/2 (iamd CloudShell, not the AWS CLI itself)";

/** Runs the words after aws. It never throws. */
export async function runAws(words: string[], around: Surroundings, signal?: AbortSignal): Promise<Result> {
  try {
    return ok(await answer(words, around, signal));
  } catch (e) {
    if (signal?.aborted) return { stdout: "", stderr: "\n", code: 130 };
    const { message, code } = explain(e);
    return { stdout: "", stderr: `\n${message}\n`, code };
  }
}

function ok(stdout: string): Result {
  return { stdout, stderr: "", code: 0 };
}

const models = new WeakMap<Module, Model>();

/** The operations of a service, read once. */
export function modelOf(service: Service): Model {
  let model = models.get(service.module);
  if (!model) models.set(service.module, (model = readModel(service.module)));
  return model;
}

async function answer(words: string[], around: Surroundings, signal?: AbortSignal): Promise<string> {
  const { globals, rest } = readGlobals(words);
  if (globals.has("version")) return version + "\n";
  const settings = settingsOf(globals, around);
  const { name, rest: more } = takeName(rest, "command");
  if (name === "help") return help.helpOfAll();
  if (name === "configure") return configure(more, around);
  if (!isService(name)) throw invalidChoice("command", name, [...serviceNames, "configure", "help"]);
  const service = await around.load(name);
  const model = modelOf(service);
  const { name: command, rest: options } = takeName(more, "operation");
  if (command === "help") return help.helpOfService(name, model);
  if (command === "wait" && waiters[name]) return waitFor(name, options, service, around, signal);
  const operation = model.get(command);
  if (!operation) throw invalidChoice("operation", command, [...model.keys(), ...(waiters[name] ? ["wait"] : []), "help"]);
  if (options.length === 1 && options[0] === "help") return help.helpOfOperation(name, operation, await around.texts?.(name));
  return call(operation, options, settings, service, around, signal);
}

interface Settings {
  format: Format;
  query?: (value: Value) => Value;
  paginate: boolean;
}

const refused: Record<string, string> = {
  "endpoint-url": "This shell talks to the server that it came from, and to no other.",
  debug: "This shell has no debug log. The browser's developer tools show each request.",
  "no-sign-request": "This shell signs each request as the person who is signed in.",
  "ca-bundle": "The browser checks the server's certificate.",
};

function settingsOf(globals: Map<string, string>, around: Surroundings): Settings {
  for (const name of globals.keys()) if (refused[name]) throw new UsageError(`--${name}: ${refused[name]}`);
  const profile = globals.get("profile");
  if (profile !== undefined && profile !== "default") throw new UsageError(`The config profile (${profile}) could not be found`, 255);
  const format = globals.get("output") ?? (around.variable?.("AWS_DEFAULT_OUTPUT") || "json");
  if (!(formats as readonly string[]).includes(format)) throw invalidChoice("--output", format, formats);
  const expression = globals.get("query");
  let query: Settings["query"];
  if (expression !== undefined) {
    try {
      (jmespath as unknown as { compile(expression: string): void }).compile(expression); // its types leave it out
    } catch (e) {
      throw new UsageError(`Bad value for --query ${expression}: ${(e as Error).message}`);
    }
    query = (value) => (jmespath.search(value, expression) as Value | undefined) ?? null;
  }
  return { format: format as Format, query, paginate: !globals.has("no-paginate") };
}

/** An operation's input of its options: those that are its members', and what --cli-input-json has. */
function inputOf(written: Written, files: Files): Values & Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [option, value] of written) {
    if (option.member === undefined) continue;
    input[option.member] = typeof value === "boolean" ? value : valueOf("--" + option.name, option.shape!, value, files);
  }
  const json = named(written, "cli-input-json");
  if (json !== undefined) {
    const wrong = (why: string, option = "cli-input-json") => new UsageError(`Error parsing parameter '${option}': ${why}`);
    let more: unknown;
    try {
      more = JSON.parse(String(fileOf(json, files, wrong) ?? json));
    } catch (e) {
      throw e instanceof UsageError ? e : wrong("Invalid JSON received.");
    }
    if (typeof more !== "object" || more === null || Array.isArray(more)) throw wrong("Invalid type: expecting map, received " + pythonType(more), "--cli-input-json");
    for (const [name, value] of Object.entries(more)) if (!Object.hasOwn(input, name)) input[name] = value;
  }
  return input as Values & Record<string, unknown>;
}

/** What was written after an option, by its name. */
function named(written: Written, name: string): string | undefined {
  for (const [option, value] of written) if (option.name === name) return String(value);
  return undefined;
}

async function call(operation: Operation, words: string[], settings: Settings, service: Service, around: Surroundings, signal?: AbortSignal): Promise<string> {
  const written = readOptions(words, optionTable(operation));
  const kind = named(written, "generate-cli-skeleton");
  if (kind === "input") return print(skeleton(operation.input, false), "json", "", 0);
  const given = inputOf(written, around.files);
  const { paging, paginate } = pagingOf(operation, written, given, settings);
  const input = checkInput(given, operation.input);
  const show = (value: Value) => print(settings.query ? settings.query(value) : value, settings.format, operation.name, around.width());
  if (kind === "output") return show(skeleton(operation.output, true));
  const Command = service.module[operation.name + "Command"] as new (input: unknown) => unknown;
  const ask = async (input: Record<string, unknown>): Promise<Values> => {
    const output = await explain.during(operation.name, service.client.send(new Command(input), { abortSignal: signal }));
    if (operation.name === "CreateVirtualMFADevice") keepSeed(output, written, around.files);
    return answerOf(output, operation.output);
  };
  if (!paginate || !operation.paging) return show(await ask(input));
  const all = pages(operation.paging, paging, input, ask);
  if (settings.format !== "text" && settings.format !== "yaml-stream") return show(await together(operation.paging, all));
  return pageByPage(operation, all, settings, show);
}

/** Texts and streams print each page as it comes; what is there once stands in the first. */
async function pageByPage(operation: Operation, all: AsyncGenerator<Values, string | undefined>, settings: Settings, show: (v: Value) => string): Promise<string> {
  const paging = operation.paging!;
  const out: string[] = [];
  for (;;) {
    const { value, done } = await all.next();
    if (done) {
      if (value !== undefined && settings.format === "text") out.push(show({ NextToken: { NextToken: value } }));
      return out.join("");
    }
    if (settings.format === "yaml-stream") {
      out.push(show(value));
      continue;
    }
    const page: Values = out.length === 0 ? onceOf(paging, value) : {};
    for (const name of paging.lists) page[name] = value[name] ?? null;
    out.push(show(page));
  }
}

/** How a list is to come. A page's token or size of one's own turns the putting together off. */
function pagingOf(operation: Operation, written: Written, given: Record<string, unknown>, settings: Settings) {
  const options: PagingOptions = {
    startingToken: named(written, "starting-token"),
    pageSize: numberOf(named(written, "page-size")),
    maxItems: numberOf(named(written, "max-items")),
  };
  const paging = operation.paging;
  if (!paging) return { paging: options, paginate: false };
  const own = [paging.token, paging.limit].some((m) => m !== undefined && Object.hasOwn(given, m));
  if (settings.paginate && !own) return { paging: options, paginate: true };
  // Without pages, --max-items is the member of that name, where there is one.
  const used = Object.entries({ "starting-token": options.startingToken, "page-size": options.pageSize, "max-items": options.maxItems })
    .filter(([name, value]) => value !== undefined && !(name === "max-items" && paging.limit === "MaxItems"))
    .map(([name]) => "--" + name);
  if (used.length > 0) {
    throw new UsageError(`Cannot specify --no-paginate along with pagination arguments: ${used.join(", ")}`);
  }
  if (options.maxItems !== undefined) given["MaxItems"] = options.maxItems;
  return { paging: options, paginate: false };
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** The seed of a new device goes to a file, and is not shown. */
function keepSeed(output: unknown, written: Written, files: Files): void {
  const device = (output as { VirtualMFADevice?: Record<string, unknown> }).VirtualMFADevice;
  const seed = device?.[named(written, "bootstrap-method")!];
  if (!device || !(seed instanceof Uint8Array)) return;
  const fault = files.write(named(written, "outfile")!, seed);
  // The seed comes once: where it cannot be kept it is shown.
  if (fault) throw new UsageError(`${fault} The seed, in base64: ${base64(seed)}`, 255);
  delete device["QRCodePNG"];
  delete device["Base32StringSeed"];
}

async function waitFor(service: ServiceName, words: string[], loaded: Service, around: Surroundings, signal?: AbortSignal): Promise<string> {
  const all = waiters[service]!;
  if (words.length === 0) throw new UsageError(`usage: aws [options] ${service} wait <subcommand> [parameters]\naws: error: too few arguments`);
  const { name, rest } = takeName(words, "subcommand");
  if (name === "help") return help.helpOfWaiters(service);
  const waiter = Object.hasOwn(all, name) ? all[name] : undefined;
  if (!waiter) throw invalidChoice("subcommand", name, Object.keys(all));
  const operation = modelOf(loaded).get(waiter.operation)!;
  if (rest.length === 1 && rest[0] === "help") return help.helpOfWaiter(service, name, operation, waiter.attempts);
  const input = checkInput(inputOf(readOptions(rest, optionTable(operation)), around.files), operation.input);
  const Command = loaded.module[operation.name + "Command"] as new (input: unknown) => unknown;
  await wait(name, waiter, () => loaded.client.send(new Command(input), { abortSignal: signal }), (ms) => around.sleep(ms, signal));
  return "";
}

/** What the CLI's own settings are here: the session's. */
function configure(words: string[], around: Surroundings): string {
  const { name, rest } = takeName(words, "subcommand");
  const key = around.accessKeyId();
  if (name === "list") {
    const row = (a: string, b: string, c: string, d: string) => `${a.padStart(10)} ${b.padStart(24)} ${c.padStart(16)}    ${d}\n`;
    const masked = "*".repeat(16) + key.slice(-4);
    return (
      row("Name", "Value", "Type", "Location") + row("----", "-----", "----", "--------") + row("profile", "<not set>", "None", "None") +
      row("access_key", masked, "session", "") + row("secret_key", "*".repeat(20), "session", "") + row("region", around.region, "session", "")
    );
  }
  if (name === "get" && rest[0] === "region") return around.region + "\n";
  if (name === "list-profiles") return "default\n";
  throw new ArgumentError(`aws configure ${name}: This shell acts as the person who is signed in, and keeps no settings. It knows aws configure list.`);
}
