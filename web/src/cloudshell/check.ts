// Checks an input before it is sent, in botocore's words, and makes of it what the
// SDK takes: points in time as dates, binary values as bytes.
import { fromBase64 } from "./files";
import type { Shape, Structure } from "./model";
import { python, pythonType } from "./python";
import { UsageError } from "./values";

type Values = Record<string, unknown>;

/** The SDK's input of what was given. It throws a UsageError that lists all that is wrong. */
export function checkInput(given: Values, shape: Structure): Values {
  const faults: string[] = [];
  const input = structure(given, shape, "", faults);
  if (faults.length > 0) throw new UsageError("Parameter validation failed:\n" + faults.join("\n"));
  return input;
}

function structure(given: Values, shape: Structure, path: string, faults: string[]): Values {
  for (const name of shape.required) {
    if (!Object.hasOwn(given, name)) faults.push(`Missing required parameter in ${path || "input"}: "${name}"`);
  }
  for (const name of Object.keys(given)) {
    if (!shape.members.has(name)) {
      faults.push(`Unknown parameter in ${path || "input"}: "${name}", must be one of: ${[...shape.members.keys()].join(", ")}`);
    }
  }
  const input: Values = {};
  for (const [name, member] of shape.members) {
    if (Object.hasOwn(given, name)) input[name] = checked(given[name], member, path ? `${path}.${name}` : name, faults);
  }
  return input;
}

function checked(value: unknown, shape: Shape, path: string, faults: string[]): unknown {
  const refuse = (valid: string): undefined => {
    faults.push(`Invalid type for parameter ${path}, value: ${python(value)}, type: ${pythonType(value)}, valid types: ${valid}`);
  };
  switch (shape.kind) {
    case "structure":
      return isMap(value) ? structure(value, shape, path, faults) : refuse("<class 'dict'>");
    case "map":
      if (!isMap(value)) return refuse("<class 'dict'>");
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, checked(v, shape.value, `${path}.${k}`, faults)]));
    case "list":
      if (!Array.isArray(value)) return refuse("<class 'list'>, <class 'tuple'>");
      return value.map((v, i) => checked(v, shape.member, `${path}[${i}]`, faults));
    case "integer":
      return Number.isInteger(value) ? value : refuse("<class 'int'>");
    case "boolean":
      return typeof value === "boolean" ? value : refuse("<class 'bool'>");
    case "timestamp":
      return dateOf(value) ?? refuse("<class 'datetime.datetime'>, timestamp-string");
    case "blob":
      if (value instanceof Uint8Array) return value;
      return (typeof value === "string" && fromBase64(value)) || refuse("<class 'bytes'>, <class 'bytearray'>, file-like object");
    default:
      return typeof value === "string" ? value : refuse("<class 'str'>");
  }
}

function isMap(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** A date of seconds since 1970 or of a text in ISO 8601, UTC unless it says otherwise. */
function dateOf(value: unknown): Date | undefined {
  let date: Date | undefined;
  if (typeof value === "number" || (typeof value === "string" && /^\d+(\.\d+)?$/.test(value))) date = new Date(Number(value) * 1000);
  else if (typeof value === "string") date = new Date(/T[\d:.]+$/.test(value) ? value + "Z" : value);
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}
