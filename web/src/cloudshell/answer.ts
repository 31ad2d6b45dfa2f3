// Makes of the SDK's answer what the CLI prints: members in the model's order,
// points in time as texts, documents as JSON.
import { documents } from "./facts";
import { base64 } from "./files";
import type { Shape, Structure } from "./model";

/** What can be printed. */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value };
export type Values = { [name: string]: Value };

export function answerOf(output: unknown, shape: Structure): Values {
  return structure((output ?? {}) as Record<string, unknown>, shape);
}

function structure(output: Record<string, unknown>, shape: Structure): Values {
  const values: Values = {};
  for (const [name, member] of shape.members) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    values[name] = documents.has(`${shape.name}.${name}`) ? document(String(value)) : plain(value, member);
  }
  return values;
}

function plain(value: unknown, shape: Shape): Value {
  switch (shape.kind) {
    case "structure":
      return structure(value as Record<string, unknown>, shape);
    case "list":
      return (value as unknown[]).map((v) => plain(v, shape.member));
    case "map":
      return Object.fromEntries(Object.entries(value as Record<string, unknown>).map(([k, v]) => [k, plain(v, shape.value)]));
    case "timestamp":
      return value instanceof Date ? moment(value) : String(value);
    case "blob":
      return value instanceof Uint8Array ? base64(value) : String(value);
    default:
      return value as Value;
  }
}

/** A point in time as version 2 of the CLI writes it: 2026-11-23T06:22:57+00:00. */
export function moment(date: Date): string {
  const [seconds, fraction] = date.toISOString().slice(0, -1).split(".");
  return seconds + (fraction === "000" ? "" : `.${fraction}000`) + "+00:00";
}

/** A policy comes as JSON that is escaped as in an address; what is none stays a text. */
function document(text: string): Value {
  try {
    return JSON.parse(decodeURIComponent(text)) as Value;
  } catch {
    return text;
  }
}
