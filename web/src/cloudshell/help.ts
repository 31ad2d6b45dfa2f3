// The help of the shell's aws, on each of its levels, made from the schemas.
import { globalOptions } from "./options";
import { optionTable, type Option } from "./option-table";
import { waiters } from "./facts";
import type { Model, Operation, Shape } from "./model";
import type { HelpTexts } from "./texts";

const titles: Record<string, string> = {
  cloudtrail: "AWS CloudTrail: the history of what was called, when and by whom.",
  iam: "AWS Identity and Access Management: users, groups, roles, policies and their keys.",
  organizations: "AWS Organizations: accounts, organizational units and the policies upon them.",
  sts: "AWS Security Token Service: temporary credentials, and who one is.",
};

/** Where AWS tells more of a command, with examples. */
function reference(...page: string[]): string {
  return section("SEE ALSO", [`https://docs.aws.amazon.com/cli/latest/reference/${page.join("/")}.html`]);
}

function section(title: string, lines: string[]): string {
  return `${title}\n${lines.map((l) => (l ? "       " + l : "")).join("\n")}\n\n`;
}

function list(names: string[]): string[] {
  return names.flatMap((n) => ["o " + n, ""]).slice(0, -1);
}

export function helpOfAll(): string {
  return (
    section("NAME", ["aws"]) +
    section("DESCRIPTION", ["The AWS command line, in this page, as the person who is signed in. Each", "command is a signed call of the AWS API that it names."]) +
    section("SYNOPSIS", ["   aws [options] <command> <subcommand> [parameters]", "", "Use aws <command> help for information on a specific command."]) +
    section("GLOBAL OPTIONS", Object.entries(globalOptions).map(([name, value]) => `--${name} (${value ? "string" : "boolean"})`)) +
    section("AVAILABLE SERVICES", list(["accessanalyzer", "configure", ...Object.keys(titles)])) +
    reference("index")
  );
}

export function helpOfService(service: string, model: Model): string {
  const names = [...model.keys(), ...(waiters[service] ? ["wait"] : [])];
  return section("NAME", [service + " -"]) + section("DESCRIPTION", [titles[service] ?? ""]) + section("AVAILABLE COMMANDS", list(names)) + reference(service, "index");
}

export function helpOfWaiters(service: string): string {
  const about = "Wait until a particular condition is satisfied. Each subcommand polls an API until the listed requirement is met.";
  return section("NAME", ["wait -"]) + section("DESCRIPTION", wrap(about)) + section("AVAILABLE COMMANDS", list(Object.keys(waiters[service] ?? {}))) + reference(service, "wait", "index");
}

export function helpOfWaiter(service: string, name: string, operation: Operation, attempts: number): string {
  const about = `Wait until ${operation.command} succeeds. It polls every second, and ends with a return code of 255 after ${attempts} failed checks.`;
  return section("NAME", [name + " -"]) + section("DESCRIPTION", wrap(about)) + options(name, operation) + reference(service, "wait", name);
}

export function helpOfOperation(service: string, operation: Operation, texts?: HelpTexts): string {
  const paging = operation.paging && [
    `${operation.command} is a paginated operation. Several calls may be made for the whole of a list; --no-paginate makes one.`,
    `With --output text, --query must extract from the following: ${operation.paging.lists.join(", ")}`,
  ];
  const about = paragraphs([texts?.operations[operation.name] ?? `Calls ${operation.name}.`, ...(paging ?? [])].join("\n\n"));
  const output = [...operation.output.members].flatMap(([n, s]) => shapeLines(n, s, "", [], texts, operation.output.name));
  return (
    section("NAME", [operation.command + " -"]) +
    section("DESCRIPTION", about) +
    options(operation.command, operation, texts) +
    section("OUTPUT", output.length > 0 ? output : ["None"]) +
    reference(service, operation.command)
  );
}

function options(command: string, operation: Operation, texts?: HelpTexts): string {
  const about = (o: Option) => o.about ?? (o.member ? texts?.members[operation.input.name]?.[o.member] : undefined);
  const table = optionTable(operation).filter((o) => !o.hidden);
  const synopsis = table.map((o) => {
    const text = o.takes === "switch" ? `--${o.name} | --no-${o.name}` : `--${o.name} <value>`;
    return "   " + (o.required ? text : `[${text}]`);
  });
  return section("SYNOPSIS", ["     " + command, ...synopsis]) + section("OPTIONS", table.flatMap((o) => [...optionLines(o, about(o)), ""]).slice(0, -1));
}

function optionLines(o: Option, about?: string): string[] {
  const name = o.takes === "switch" ? `--${o.name} | --no-${o.name}` : `--${o.name}`;
  const lines = [`${name} (${o.shape?.kind ?? (o.number ? "integer" : "string")})${o.required ? " [required]" : ""}`];
  if (about) lines.push("", ...paragraphs(about).map((l) => l && "   " + l));
  if (o.choices) lines.push("   Possible values: " + o.choices.join(", "));
  if (o.shape && ["list", "map", "structure"].includes(o.shape.kind)) {
    const short = shorthand(o.shape);
    if (short) lines.push("", "   Shorthand Syntax:", "", "      " + short);
    else if (o.shape.kind === "list") lines.push("", "   Syntax:", "", '      "string" "string" ...');
    lines.push("", "   JSON Syntax:", "", ...json(o.shape, "", []).map((l) => "      " + l));
  }
  return lines;
}

/** How a structure, or a list of them, is written in shorthand; empty where it is not. */
function shorthand(shape: Shape): string {
  const one = shape.kind === "list" ? shape.member : shape;
  const many = shape.kind === "list" ? " ..." : "";
  if (one.kind === "map") return `KeyName1=${one.value.kind},KeyName2=${one.value.kind}${many}`;
  if (one.kind !== "structure") return "";
  const value = (s: Shape): string => (s.kind === "list" ? `${value(s.member)},${value(s.member)}` : s.kind);
  return [...one.members].map(([n, s]) => `${n}=${value(s)}`).join(",") + many;
}

function json(shape: Shape, indent: string, above: string[]): string[] {
  const inner = indent + "  ";
  switch (shape.kind) {
    case "structure": {
      if (above.includes(shape.name)) return ["{ ... recursive ... }"];
      const members = [...shape.members].map(([n, s]) => joined(`${inner}"${n}": `, json(s, inner, [...above, shape.name])));
      return ["{", ...members.flatMap((m, i) => (i < members.length - 1 ? [...m.slice(0, -1), m.at(-1) + ","] : m)), indent + "}"];
    }
    case "list":
      return ["[", ...joined(inner, json(shape.member, inner, above)), inner + "...", indent + "]"];
    case "map":
      return ["{", ...joined(`${inner}"string": `, json(shape.value, inner, above)), inner + "...}"];
    case "integer":
      return ["integer"];
    case "boolean":
      return ["true|false"];
    default:
      return [shape.kind === "string" ? '"string"' : shape.kind];
  }
}

function joined(begin: string, lines: string[]): string[] {
  return [begin + lines[0], ...lines.slice(1)];
}

function shapeLines(name: string, shape: Shape, indent: string, above: string[], texts?: HelpTexts, owner = ""): string[] {
  const lines = [`${indent}${name} -> (${shape.kind})`];
  const about = texts?.members[owner]?.[name];
  if (about) lines.push("", ...paragraphs(about).map((l) => l && indent + "   " + l), "");
  const one = shape.kind === "list" ? shape.member : shape;
  if (shape.kind === "list") lines.push(`${indent}   (${one.kind})`);
  if (one.kind === "structure" && !above.includes(one.name)) {
    const deeper = indent + (shape.kind === "list" ? "      " : "   ");
    for (const [n, s] of one.members) lines.push(...shapeLines(n, s, deeper, [...above, one.name], texts, one.name));
  }
  if (one.kind === "map") lines.push(`${indent}   key -> (string)`, `${indent}   value -> (${one.value.kind})`);
  return lines;
}

/** Paragraphs, and items of lists, with a line between them. */
function paragraphs(text: string): string[] {
  return text.split("\n\n").flatMap((p) => (p ? ["", ...wrap(p.replaceAll("\n", " "))] : [])).slice(1);
}

function wrap(text: string): string[] {
  return text.match(/.{1,72}(?:\s|$)/g)?.map((l) => l.trimEnd()) ?? [];
}
