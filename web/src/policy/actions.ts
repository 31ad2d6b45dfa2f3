// The Action element by service: what its patterns choose, and how choosing
// and leaving out change them.
import { levels, type Action, type ResourceType, type Service } from "./reference";
import { fitsAction, hasWildcard } from "./wildcard";
import { bestTemplate } from "./arn";

/** The service of an action pattern in lower case; "*" for every service, "" for none. */
export function prefixOf(pattern: string): string {
  if (pattern === "*") return "*";
  const at = pattern.indexOf(":");
  return at < 0 ? "" : pattern.slice(0, at).toLowerCase();
}

/** The services that patterns name, in order; "*" and "" among them. */
export function prefixesOf(patterns: string[]): string[] {
  return [...new Set(patterns.map(prefixOf))];
}

export function chosenActions(service: Service, patterns: string[]): Action[] {
  return service.actions.filter((a) => patterns.some((p) => p === "*" || fitsAction(p, `${service.prefix}:${a.name}`)));
}

/** The pattern with wildcards that chooses an action, if one does. */
export function wildcardOf(service: Service, action: Action, patterns: string[]): string | undefined {
  return patterns.find((p) => hasWildcard(p) && (p === "*" || fitsAction(p, `${service.prefix}:${action.name}`)));
}

export function isAll(service: Service, patterns: string[]): boolean {
  return patterns.some((p) => p === "*" || p.toLowerCase() === `${service.prefix}:*`);
}

/** Patterns of the service that are not just one of its actions: with wildcards, or unknown to AWS. */
export function manualPatterns(service: Service, patterns: string[]): string[] {
  return patterns.filter((p) => prefixOf(p) === service.prefix && !isAll(service, [p]) && (hasWildcard(p) || chosenActions(service, [p]).length === 0));
}

/** The patterns after actions of a service were chosen or left out by name. What a wildcard chooses stays chosen. */
export function toggleActions(service: Service, patterns: string[], names: string[], on: boolean): string[] {
  const full = names.map((n) => `${service.prefix}:${n}`);
  if (on) {
    const more = full.filter((f) => !patterns.some((p) => p === "*" || fitsAction(p, f)));
    return [...patterns, ...more];
  }
  const gone = new Set(full.map((f) => f.toLowerCase()));
  return patterns.filter((p) => !gone.has(p.toLowerCase()));
}

/** The patterns with all actions of a service, or with none of it. */
export function toggleAll(service: Service, patterns: string[], on: boolean): string[] {
  const others = patterns.filter((p) => prefixOf(p) !== service.prefix);
  return on ? [...others, `${service.prefix}:*`] : others;
}

/** Why a manually entered action is refused; undefined when it is taken. */
export function faultOfAction(service: Service, name: string): string | undefined {
  if (name === "") return "Enter an action, such as Get*.";
  if (!/^[A-Za-z0-9_*?-]+$/.test(name)) return "An action has letters, digits and wildcards (* or ?) only.";
  if (chosenActions(service, [`${service.prefix}:${name}`]).length === 0) return `${service.name} has no action that fits ${name}.`;
  return undefined;
}

/** A service's actions by access level, in AWS's order, those of another level last. */
export function byLevel(actions: Action[]): { level: string; actions: Action[] }[] {
  const names: string[] = [...levels];
  for (const a of actions) if (!names.includes(a.level)) names.push(a.level);
  return names.map((level) => ({ level, actions: actions.filter((a) => a.level === level) })).filter((g) => g.actions.length > 0);
}

export interface ResourceNeed {
  service: Service;
  type: ResourceType;
  actions: string[]; // those that take the type
  required: boolean; // by one of them
}

/** The resource types that the chosen actions take, and the actions that take none. */
export function resourceNeeds(services: Service[], patterns: string[]): { needs: ResourceNeed[]; without: string[] } {
  const needs = new Map<string, ResourceNeed>();
  const without: string[] = [];
  for (const service of services) {
    for (const action of chosenActions(service, patterns)) {
      if (action.resources.length === 0) without.push(`${service.prefix}:${action.name}`);
      for (const r of action.resources) {
        const type = service.resourceTypes.find((t) => t.name === r.name);
        if (!type) continue;
        const key = `${service.prefix} ${type.name}`;
        const need = needs.get(key) ?? { service, type, actions: [], required: false };
        needs.set(key, need);
        if (!need.actions.includes(action.name)) need.actions.push(action.name);
        need.required ||= r.required;
      }
    }
  }
  return { needs: [...needs.values()], without };
}

/** Resources by the type that they fit best; those that fit none are under undefined. */
export function byNeed(needs: ResourceNeed[], resources: string[]): Map<ResourceNeed | undefined, string[]> {
  const groups = new Map<ResourceNeed | undefined, string[]>();
  const types = needs.map((need) => ({ arn: need.type.arn, need }));
  for (const arn of resources) {
    const need = bestTemplate(types, arn)?.need;
    groups.set(need, [...(groups.get(need) ?? []), arn]);
  }
  return groups;
}
