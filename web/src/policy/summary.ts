// The table "Permissions defined in this policy": services, access levels,
// resources and conditions, as AWS's policy summary has them.
import type { PolicyDocument } from "./document";
import { grantOf, readStatements, resourcesOf, type Grant, type Statement } from "./grants";
import type { Action, Service, ServiceName } from "./reference";
import { bestTemplate, parseARN, partsOf } from "./arn";
import { byLevel, prefixOf } from "./actions";

export interface ActionRow {
  name: string;
  level: string;
  resource: string;
  condition: string;
  /** No resource of the policy is one that it can be done on. */
  without: boolean;
}

export interface ServiceRow {
  prefix: string;
  name: string;
  level: string; // "Full access", "Full: List Limited: Read, Write", "None"
  resource: string;
  condition: string;
  actions: ActionRow[];
  unknown: string[]; // actions that AWS doesn't have
}

export interface Side {
  rows: ServiceRow[];
  unrecognized: string[]; // prefixes that AWS doesn't have
}

export interface Summary {
  allow: Side;
  deny: Side;
  services: number; // that AWS has
  unread: number; // statements that can't be read
  /** Something that is named gives nothing. */
  faults: boolean;
}

export function summarize(doc: PolicyDocument, services: ServiceName[], details: ReadonlyMap<string, Service>): Summary {
  const { statements, unread } = readStatements(doc);
  const side = (effect: Statement["effect"]) => sideOf(statements.filter((s) => s.effect === effect), services, details);
  const allow = side("Allow"), deny = side("Deny");
  const faulty = (s: Side) => s.unrecognized.length > 0 || s.rows.some((r) => r.level === "None" || r.unknown.length > 0 || r.actions.some((a) => a.without));
  return { allow, deny, services: services.length, unread, faults: unread > 0 || faulty(allow) || faulty(deny) };
}

function sideOf(statements: Statement[], services: ServiceName[], details: ReadonlyMap<string, Service>): Side {
  const rows: ServiceRow[] = [];
  for (const { prefix, name } of services) {
    const service = details.get(prefix);
    const grants = statements.flatMap((s) => grantOf(s, prefix, service) ?? []);
    if (grants.length > 0) rows.push(rowOf(prefix, name, service, grants));
  }
  const known = new Set(services.map((s) => s.prefix));
  const named = statements.flatMap((s) => s.actions.map(prefixOf)).filter((p) => p !== "*" && !known.has(p));
  return { rows: rows.sort((a, b) => a.name.localeCompare(b.name)), unrecognized: [...new Set(named)].sort() };
}

function rowOf(prefix: string, name: string, service: Service | undefined, grants: Grant[]): ServiceRow {
  const working = grants.filter((g) => g.full || g.effective.length > 0);
  const shown = working.length > 0 ? working : grants;
  const effective = new Set(grants.flatMap((g) => g.effective));
  const actions = service ? [...effective].map((a) => actionRow(a, service, shown.filter((g) => g.effective.includes(a)))) : [];
  const idle = new Set(grants.flatMap((g) => g.without).filter((a) => !effective.has(a)));
  for (const a of idle) actions.push({ name: a.name, level: a.level, resource: "None", condition: "None", without: true });
  return {
    prefix,
    name,
    level: levelOf(service, effective, working.some((g) => g.full)),
    resource: working.length === 0 ? "None" : one(shown.flatMap((g) => resourceTexts(g.statement, service, g.effective))),
    condition: conditionText(shown.map((g) => g.statement)),
    actions: actions.sort((a, b) => a.name.localeCompare(b.name)),
    unknown: [...new Set(grants.flatMap((g) => g.unknown))],
  };
}

function levelOf(service: Service | undefined, effective: Set<Action>, full: boolean): string {
  if (full || (service && service.actions.length > 0 && effective.size === service.actions.length)) return "Full access";
  if (!service || effective.size === 0) return "None";
  const all: string[] = [], some: string[] = [];
  for (const { level, actions } of byLevel(service.actions)) {
    const count = actions.filter((a) => effective.has(a)).length;
    if (count === actions.length) all.push(level);
    else if (count > 0) some.push(level);
  }
  const words = [];
  if (all.length > 0) words.push(`Full: ${all.join(", ")}`);
  if (some.length > 0) words.push(`Limited: ${some.join(", ")}`);
  return words.join(" ");
}

function actionRow(action: Action, service: Service, grants: Grant[]): ActionRow {
  return {
    name: action.name,
    level: action.level,
    resource: one(grants.flatMap((g) => resourceTexts(g.statement, service, [action]))),
    condition: conditionText(grants.map((g) => g.statement)),
    without: false,
  };
}

/** What several texts come to in one cell. */
function one(texts: string[]): string {
  const different = new Set(texts);
  if (different.size === 0) return "None";
  return different.size === 1 ? texts[0]! : "Multiple";
}

function resourceTexts(s: Statement, service: Service | undefined, actions: Action[]): string[] {
  if (s.notResources) return [`All resources except ${s.notResources.length === 1 ? s.notResources[0]! : `${s.notResources.length} ARNs`}`];
  if (s.resources.includes("*")) return ["All resources"];
  if (!service) return s.resources;
  const used = new Set(actions.flatMap((a) => resourcesOf(s, a, service)));
  return [...used].map((arn) => resourceText(arn, service));
}

/** "RoleNameWithPath | string like | SPAPI": the parts of an ARN that say something. */
function resourceText(arn: string, service: Service): string {
  const type = bestTemplate(service.resourceTypes, arn);
  const answers = type && parseARN(type.arn, arn);
  if (!type || !answers) return arn;
  const parts = partsOf(type.arn).filter((p) => p.kind === "name" || (p.kind === "region" && answers[p.name] !== "*" && answers[p.name] !== ""));
  if (parts.length === 0) return arn;
  return parts.map((p) => `${p.name} | string like | ${answers[p.name] === "*" ? "All" : answers[p.name]}`).join(", ");
}

function conditionText(statements: Statement[]): string {
  const texts = statements.map((s) => {
    if (s.oddCondition || s.conditions.length > 1) return "Multiple";
    const row = s.conditions[0];
    return row ? `${row.key} | ${row.operator} | ${row.values.map((v) => v.value).join(", ")}` : "None";
  });
  return one(texts);
}

/** The title's count: "Allow (3 of 456 services)". */
export function countText(title: string, side: Side, services: number): string {
  return `${title} (${side.rows.length} of ${services} services)`;
}
