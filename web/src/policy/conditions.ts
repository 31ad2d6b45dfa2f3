// Condition operators: which fit a key by its type, and how a whole operator is put together.
import type { Action, ConditionKey, ResourceType, Service } from "./reference";
import { chosenActions } from "./actions";

const text = ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"];
const number = ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"];
const date = ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"];
const arn = ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"];
const address = ["IpAddress", "NotIpAddress"];
const binary = ["BinaryEquals"];

const families: Record<string, string[]> = {
  String: text,
  Numeric: number,
  Date: [...date, ...number], // a date may stand as seconds since 1970
  Bool: ["Bool"],
  ARN: [...arn, ...text],
  IPAddress: address,
  Binary: binary,
};

/** Operators for a key's type; of an unknown type, all. Null goes with every key. */
export function operatorsFor(type: string | undefined): string[] {
  const fit = families[(type ?? "").replace(/^ArrayOf/, "")];
  return [...(fit ?? [...text, ...number, ...date, "Bool", ...arn, ...address, ...binary]), "Null"];
}

export const qualifiers = [
  { value: "", label: "Default" },
  { value: "ForAnyValue", label: "For any value in request" },
  { value: "ForAllValues", label: "For all values in request" },
];

export interface OperatorParts {
  qualifier: string;
  base: string;
  ifExists: boolean;
}

export function joinOperator({ qualifier, base, ifExists }: OperatorParts): string {
  return (qualifier ? qualifier + ":" : "") + base + (ifExists && base !== "Null" ? "IfExists" : "");
}

export function splitOperator(operator: string): OperatorParts {
  const found = /^(?:(ForAnyValue|ForAllValues):)?(.*?)(IfExists)?$/i.exec(operator)!;
  return { qualifier: found[1] ?? "", base: found[2]!, ifExists: found[3] !== undefined };
}

/** Keys that a statement's condition may use, those of the service and its chosen actions before the global ones. */
export function conditionKeysFor(services: Service[], patterns: string[], global: ConditionKey[]): ConditionKey[] {
  const keys = new Map<string, ConditionKey>();
  for (const service of services) {
    const types = new Map(service.conditionKeys.map((k) => [k.name.toLowerCase(), k]));
    const add = (name: string) => {
      const low = name.toLowerCase();
      if (!keys.has(low)) keys.set(low, types.get(low) ?? { name, type: "" });
    };
    for (const action of chosenActions(service, patterns)) {
      action.conditionKeys.forEach(add);
      for (const type of typesOf(service, action)) type.conditionKeys.forEach(add);
    }
  }
  for (const key of global) if (!keys.has(key.name.toLowerCase())) keys.set(key.name.toLowerCase(), key);
  return [...keys.values()];
}

function typesOf(service: Service, action: Action): ResourceType[] {
  return service.resourceTypes.filter((t) => action.resources.some((r) => r.name === t.name));
}

/** The variable part of a key, such as ${TagKey} in aws:RequestTag/${TagKey}. */
export function variablePart(key: string): string | undefined {
  return /\$\{([^}]*)\}/.exec(key)?.[1];
}

/** Why a value is not good for an operator; undefined when it is. Policy variables are good anywhere. */
export function faultOfValue(base: string, value: string): string | undefined {
  if (value.includes("${")) return undefined;
  if ((base === "Bool" || base === "Null") && !/^(true|false)$/i.test(value)) return "Enter true or false.";
  if (base.startsWith("Numeric") && !/^[+-]?(\d+\.?\d*|\.\d+)$/.test(value)) return "Enter a number.";
  if (base.startsWith("Date") && !/^\d+$/.test(value) && Number.isNaN(Date.parse(value))) return "Enter a date, such as 2030-01-31T00:00:00Z.";
  if (base.endsWith("IpAddress")) return faultOfAddress(value);
  return undefined;
}

/** Why a text is no address or range of addresses. */
export function faultOfAddress(value: string): string | undefined {
  const wrong = "Enter an IP address or range, such as 203.0.113.0/24.";
  const [host = "", bits, more] = value.split("/");
  if (more !== undefined || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return wrong;
  if (host.includes(":")) return isIPv6(host) && Number(bits ?? 128) <= 128 ? undefined : wrong;
  const four = host.split(".");
  const good = four.length === 4 && four.every((n) => /^\d{1,3}$/.test(n) && Number(n) <= 255);
  return good && Number(bits ?? 32) <= 32 ? undefined : wrong;
}

function isIPv6(host: string): boolean {
  const halves = host.split("::");
  const groups = halves.flatMap((h) => (h === "" ? [] : h.split(":")));
  const whole = halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8;
  return whole && groups.every((g) => /^[0-9a-f]{1,4}$/i.test(g));
}
