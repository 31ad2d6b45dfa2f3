// What each statement says of each service: which actions, on what, under
// which conditions. The summary's rows are made of these.
import type { PolicyDocument } from "./document";
import { element, opaque, strings, viewStatement, type ConditionRow } from "./statement";
import type { Action, Service, ServiceName } from "./reference";
import type { ObjectNode } from "./json";
import { covers } from "./arn";
import { fits, fitsAction, hasWildcard } from "./wildcard";
import { prefixOf } from "./actions";

export interface Statement {
  effect: "Allow" | "Deny";
  actions: string[];
  notActions?: string[];
  /** Both by the service that they name. */
  named: Map<string, Named>;
  resources: string[];
  notResources?: string[];
  conditions: ConditionRow[];
  oddCondition: boolean; // has one that can't be shown by rows
}

/** Patterns of one service, so sorted that an action is found fast. */
interface Named {
  patterns: string[];
  exact: Set<string>; // in lower case
  wild: string[];
}

/** The statements that can be read, and how many can't. */
export function readStatements(doc: PolicyDocument): { statements: Statement[]; unread: number } {
  const statements: Statement[] = [];
  for (const node of doc.statements) {
    const s = node.kind === "object" && !opaque(node) ? readStatement(node) : undefined;
    if (s) statements.push(s);
  }
  return { statements, unread: doc.statements.length - statements.length };
}

function readStatement(node: ObjectNode): Statement | undefined {
  const list = (name: string) => {
    const value = element(node, name);
    return value && strings(value);
  };
  const actions = list("Action"), notActions = list("NotAction");
  if ((actions === undefined) === (notActions === undefined)) return undefined;
  const resources = list("Resource"), notResources = list("NotResource");
  // A trust policy names principals and no resource: the role is the resource.
  const trust = element(node, "Principal") !== undefined || element(node, "NotPrincipal") !== undefined;
  const { conditions, effect } = viewStatement(node);
  return {
    effect: effect as Statement["effect"],
    actions: actions ?? [],
    notActions,
    named: byService(actions ?? notActions ?? []),
    resources: resources ?? (trust && !notResources ? ["*"] : []),
    notResources,
    conditions: conditions ?? [],
    oddCondition: conditions === undefined,
  };
}

function byService(patterns: string[]): Map<string, Named> {
  const services = new Map<string, Named>();
  for (const p of patterns) {
    const prefix = prefixOf(p);
    let named = services.get(prefix);
    if (!named) services.set(prefix, (named = { patterns: [], exact: new Set(), wild: [] }));
    named.patterns.push(p);
    if (hasWildcard(p)) named.wild.push(p);
    else named.exact.add(p.toLowerCase());
  }
  return services;
}

function names(named: Named | undefined, action: string): boolean {
  return named !== undefined && (named.exact.has(action.toLowerCase()) || named.wild.some((p) => fitsAction(p, action)));
}

/** The services whose details the summary needs: all that are named, by an
 * action or, where an action stands for every service, by a resource. */
export function servicesToLoad(statements: Statement[], services: ServiceName[]): string[] {
  const wanted = new Set<string>();
  for (const s of statements) {
    for (const p of s.named.keys()) wanted.add(p);
    if (!everywhere(s) || onEverything(s)) continue;
    for (const r of s.resources) {
      const field = r.split(":")[2] ?? "*";
      for (const { prefix } of services) if (field !== "*" && (fits(field, prefix) || related(field, prefix))) wanted.add(prefix);
    }
  }
  const known = new Set(services.map((s) => s.prefix));
  return [...wanted].filter((p) => known.has(p));
}

/** Services that act on what has another's ARN. */
function related(field: string, prefix: string): boolean {
  return field === "iam" && prefix === "sts";
}

function everywhere(s: Statement): boolean {
  return s.notActions !== undefined || s.actions.includes("*");
}

function onEverything(s: Statement): boolean {
  return s.resources.includes("*") || (s.notResources !== undefined && !s.notResources.includes("*"));
}

/** What a statement says of one service. */
export interface Grant {
  statement: Statement;
  /** Every action, known or not, on whatever it can be. */
  full: boolean;
  /** Actions that have a resource they can be done on. */
  effective: Action[];
  /** Actions that are named and have none. */
  without: Action[];
  /** Named actions that AWS doesn't have. */
  unknown: string[];
}

/** The grant of a service that is known by details, or, without these, by name only. */
export function grantOf(s: Statement, prefix: string, service: Service | undefined): Grant | undefined {
  const named = s.named.get(prefix);
  const own = s.notActions ? [] : named?.patterns ?? [];
  const all = !s.notActions && (s.named.has("*") || own.some((a) => a === `${a.split(":")[0]}:*`));
  if (own.length === 0 && !all && !s.notActions) return undefined;
  if (s.notActions && s.named.has("*")) return undefined;
  const untouched = all || (s.notActions !== undefined && !named);
  if (!service) {
    return untouched && onEverything(s) ? { statement: s, full: true, effective: [], without: [], unknown: [] } : undefined;
  }
  const whole = (a: Action) => `${prefix}:${a.name}`;
  const chosen = service.actions.filter((a) => untouched || names(named, whole(a)) !== (s.notActions !== undefined));
  const effective = chosen.filter((a) => applicable(s, a, service));
  if (effective.length === 0 && own.length === 0) return undefined; // "*" on what the service has not
  const known = new Set(service.actions.map((a) => whole(a).toLowerCase()));
  const unknown = own.filter((p) => !p.endsWith(":*") && (hasWildcard(p) ? !service.actions.some((a) => fitsAction(p, whole(a))) : !known.has(p.toLowerCase())));
  // What "iam:*" has no resource for is nothing to warn of; what is named otherwise is.
  const meant = byService(own.filter((p) => !p.endsWith(":*"))).get(prefix);
  const gone = new Set(effective);
  const without = chosen.filter((a) => !gone.has(a) && names(meant, whole(a)));
  return { statement: s, full: untouched && onEverything(s), effective, without, unknown };
}

/** Tells whether a statement names a resource that an action can be done on. */
function applicable(s: Statement, action: Action, service: Service): boolean {
  if (onEverything(s)) return true;
  if (s.notResources) return false;
  return resourcesOf(s, action, service).length > 0;
}

/** The statement's resources that an action can be done on. */
export function resourcesOf(s: Statement, action: Action, service: Service): string[] {
  const types = service.resourceTypes.filter((t) => action.resources.some((r) => r.name === t.name));
  return s.resources.filter((r) => r === "*" || types.some((t) => covers(r, t.arn)));
}
