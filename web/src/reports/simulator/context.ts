// Condition keys of a simulation: of which type they are, and their values.
import type { ContextEntry, ContextKeyTypeEnum } from "@aws-sdk/client-iam";
import type { ConditionKey } from "../../policy/reference";

export const contextTypes: ContextKeyTypeEnum[] = [
  "string", "stringList", "boolean", "booleanList", "numeric", "numericList", "date", "dateList", "ip", "ipList", "binary", "binaryList",
];

const scalars: Record<string, string> = { Bool: "boolean", Numeric: "numeric", Date: "date", IPAddress: "ip", Binary: "binary" };

/** The simulator's type of a key, by what AWS says of it; text for what it doesn't know. */
export function typeOfKey(key: string, known: ConditionKey[]): ContextKeyTypeEnum {
  const low = key.toLowerCase();
  const found = known.find((k) => {
    const [before, after] = k.name.toLowerCase().split(/\$\{[^}]*\}/, 2);
    return after === undefined ? before === low : low.length > before!.length && low.startsWith(before!);
  });
  const type = found?.type ?? "";
  const scalar = scalars[type.replace(/^ArrayOf/, "")] ?? "string";
  return (scalar + (type.startsWith("ArrayOf") ? "List" : "")) as ContextKeyTypeEnum;
}

export interface Value {
  key: string;
  type: ContextKeyTypeEnum;
  text: string; // of a list: one value a line
}

export function isList(type: ContextKeyTypeEnum): boolean {
  return type.endsWith("List");
}

export function valuesOf(v: Value): string[] {
  const all = isList(v.type) ? v.text.split("\n") : [v.text];
  return all.map((x) => x.trim()).filter((x) => x !== "");
}

/** What is sent: keys without a value are not in the request. */
export function entriesOf(values: Value[]): ContextEntry[] {
  return values
    .map((v) => ({ ContextKeyName: v.key, ContextKeyType: v.type, ContextKeyValues: valuesOf(v) }))
    .filter((e) => e.ContextKeyValues.length > 0);
}

const hints: Record<string, string> = {
  boolean: "true or false", numeric: "A number, such as 3600", date: "A time, such as 2026-11-23T06:22:57Z",
  ip: "An address, such as 203.0.113.7", binary: "Base64", string: "",
};

export function hintOf(type: ContextKeyTypeEnum): string {
  const one = hints[type.replace(/List$/, "")] ?? "";
  return isList(type) ? [one, "One value a line"].filter(Boolean).join(". ") : one;
}
