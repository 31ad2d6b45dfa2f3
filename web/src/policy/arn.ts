// ARN templates of the Service Authorization Reference, such as
// arn:${Partition}:iam::${Account}:user/${UserNameWithPath}: what they ask for,
// and back from an ARN to what was answered.
import { overlap } from "./wildcard";

export interface Part {
  name: string; // "UserNameWithPath"
  kind: "region" | "account" | "name";
  label: string; // "user name with path"
}

/** Answers by the part's name. "*" is any. */
export type Answers = Record<string, string>;

const variable = /\$\{([^}]*)\}/g;

/** The parts that a person fills in, in order. The partition is "aws" unless answered otherwise. */
export function partsOf(template: string): Part[] {
  const seen = new Set<string>();
  const parts: Part[] = [];
  for (const [, name] of template.matchAll(variable)) {
    if (name === undefined || name === "Partition" || seen.has(name)) continue;
    seen.add(name);
    parts.push({ name, kind: name === "Region" ? "region" : name === "Account" || name === "AccountId" ? "account" : "name", label: words(name) });
  }
  return parts;
}

/** "UserNameWithPath" → "user name with path", "ApiId" → "API ID". */
function words(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .split(" ")
    .map((w) => (/^(id|arn|api|url|vpc|ip|aws|db|kms|sns|sqs)$/i.test(w) ? w.toUpperCase() : w.toLowerCase()))
    .join(" ");
}

/** The ARN of a template; parts without an answer are left blank. */
export function buildARN(template: string, answers: Answers): string {
  return template.replace(variable, (_, name: string) => answers[name] ?? (name === "Partition" ? "aws" : ""));
}

/** The ARN of every resource of the type in an account: in all regions, by any name. */
export function anyInAccount(template: string, account: string): string {
  return buildARN(template, Object.fromEntries(partsOf(template).map((p) => [p.name, p.kind === "account" ? account : "*"])));
}

/** The answers that make the ARN, or undefined if it is not of the template. A
 * part ends at the sign that follows it in the template; the last may have any. */
export function parseARN(template: string, arn: string): Answers | undefined {
  const { names, pattern } = patternOf(template);
  const found = pattern.exec(arn);
  return found ? Object.fromEntries(names.map((n, i) => [n, found[i + 1]!])) : undefined;
}

interface Pattern {
  names: string[];
  pattern: RegExp;
}

const patterns = new Map<string, Pattern>(); // by template; AWS has some 2,000

function patternOf(template: string): Pattern {
  const kept = patterns.get(template);
  if (kept) return kept;
  const names: string[] = [];
  const pieces = template.split(variable); // text, name, text, name, … text
  let pattern = "";
  pieces.forEach((piece, i) => {
    if (i % 2 === 0) return void (pattern += piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const at = names.indexOf(piece);
    if (at >= 0) return void (pattern += `\\${at + 1}`);
    names.push(piece);
    const next = pieces[i + 1] ?? "";
    const first = pieces.slice(0, i).filter((_, n) => n % 2 === 0).join("").split(":").length <= 5; // before the resource
    const last = next === "" && i + 2 >= pieces.length;
    if (last) pattern += "(.+)";
    else if (next === "" || first) pattern += "([^:]*?)";
    else pattern += `([^${next[0]!.replace(/[\]\\^-]/g, "\\$&")}]+)`;
  });
  const made = { names, pattern: new RegExp(`^${pattern}$`, "s") };
  patterns.set(template, made);
  return made;
}

/** Of several templates the one that fits an ARN best: the one with the most text of its own. */
export function bestTemplate<T extends { arn: string }>(types: readonly T[], arn: string): T | undefined {
  let best: T | undefined;
  const own = (t: T) => t.arn.replace(variable, "").length;
  for (const t of types) if ((!best || own(t) > own(best)) && parseARN(t.arn, arn)) best = t;
  return best;
}

/** Tells whether a Resource of a policy can mean a resource of the template. Policy variables may stand for anything. */
export function covers(resource: string, template: string): boolean {
  if (resource === "*") return true;
  // Field by field: a partition must not stretch over what follows it.
  const fields = (text: string) => {
    const all = text.split(":");
    return all.length < 6 ? undefined : [...all.slice(0, 5), all.slice(5).join(":")];
  };
  const wanted = template.replace(variable, "*"), named = resource.replace(/\$\{[^}]*\}/g, "*");
  const a = fields(named), b = fields(wanted);
  return a && b ? a.every((field, i) => overlap(field, b[i]!)) : overlap(named, wanted);
}

/** Why a text is no ARN that a policy can name; undefined when it is one. */
export function faultOfARN(arn: string): string | undefined {
  if (/\s/.test(arn)) return "An ARN has no spaces.";
  const fields = arn.split(":");
  if (fields[0] !== "arn" || fields.length < 6) return "An ARN has the form arn:partition:service:region:account:resource.";
  if (!/^[a-z0-9*?-]+$/.test(fields[1]!) || !fields.slice(5).join(":")) return "The partition or the resource is missing.";
  const account = fields[4]!;
  if (account !== "" && !/^\d{12}$/.test(account) && !/[*?$]/.test(account) && account !== "aws") return "An account ID has 12 digits.";
  return undefined;
}

/** Why an answer is not good for a part; undefined when it is. */
export function faultOfAnswer(part: Part, answer: string): string | undefined {
  if (answer === "") return "Enter a value, or choose Any.";
  if (/\s/.test(answer)) return "An ARN has no spaces.";
  if (part.kind === "account" && !/^\d{12}$/.test(answer) && !/[*?$]/.test(answer)) return "An account ID has 12 digits.";
  if (part.kind === "region" && !/^[a-z0-9*?-]+$/.test(answer)) return "A Region looks like us-east-1.";
  return undefined;
}

