// What AWS says of its services, from the server; asked once and kept while the page lives.
import { ask } from "../aws";
import { useLoad, type Loaded } from "../shared/load";

export const levels = ["List", "Read", "Write", "Tagging", "Permissions management"] as const;
export type Level = (typeof levels)[number];

export interface ServiceName {
  prefix: string;
  name: string;
}
/** What people call a service: "STS", "Lambda". */
export function shortName({ prefix, name }: ServiceName): string {
  return prefix.length <= 3 ? prefix.toUpperCase() : name.replace(/^(AWS|Amazon) /, "");
}

export interface Action {
  name: string;
  level: string;
  description: string;
  resources: { name: string; required: boolean }[];
  conditionKeys: string[];
}
export interface ResourceType {
  name: string;
  arn: string;
  conditionKeys: string[];
}
/** Types are the catalog's: "String", "ARN", "Bool", "Date", "IPAddress", "Numeric", or one after "ArrayOf". */
export interface ConditionKey {
  name: string;
  type: string;
}
export interface Service extends ServiceName {
  actions: Action[];
  resourceTypes: ResourceType[];
  conditionKeys: ConditionKey[];
}

export class ReferenceClient {
  private kept = new Map<string, Promise<unknown>>();

  /** The way to ask is a parameter, so that it runs without a server. */
  constructor(private ask: (path: string) => Promise<unknown>) {}

  services(): Promise<ServiceName[]> {
    return this.get("reference/services", (a) => (a ?? []) as ServiceName[]);
  }

  /** A service by its prefix; a refusal if AWS has none of it. */
  service(prefix: string): Promise<Service> {
    return this.get(`reference/services/${encodeURIComponent(prefix)}`, (a) => {
      const s = a as Service;
      const list = <T>(x: T[] | null | undefined): T[] => x ?? [];
      return {
        ...s,
        actions: list(s.actions).map((x) => ({ ...x, resources: list(x.resources), conditionKeys: list(x.conditionKeys) })),
        resourceTypes: list(s.resourceTypes).map((x) => ({ ...x, conditionKeys: list(x.conditionKeys) })),
        conditionKeys: list(s.conditionKeys),
      };
    });
  }

  /** The condition keys that all services have. */
  conditions(): Promise<ConditionKey[]> {
    return this.get("reference/conditions", (a) => (a ?? []) as ConditionKey[]);
  }

  // A failure is not kept: the next call asks again.
  private get<T>(path: string, read: (answer: unknown) => T): Promise<T> {
    let answer = this.kept.get(path) as Promise<T> | undefined;
    if (!answer) {
      answer = this.ask(path).then(read);
      this.kept.set(path, answer);
      answer.catch(() => this.kept.delete(path));
    }
    return answer;
  }
}

export const reference = new ReferenceClient((path) => ask(path));

export function useServices(): Loaded<ServiceName[]> {
  return useLoad(() => reference.services(), []);
}

export function useGlobalConditions(): Loaded<ConditionKey[]> {
  return useLoad(() => reference.conditions(), []);
}

/** Several services by prefix; those that AWS doesn't have are not in the map. */
export function useServiceDetails(prefixes: string[]): Loaded<Map<string, Service>> {
  const wanted = [...new Set(prefixes)].sort();
  return useLoad(async () => {
    const known = new Set((await reference.services()).map((s) => s.prefix));
    const found = await Promise.all(wanted.filter((p) => known.has(p)).map((p) => reference.service(p)));
    return new Map(found.map((s) => [s.prefix, s]));
  }, [wanted.join(" ")]);
}
