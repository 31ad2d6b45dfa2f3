// Makes a parameter's value of what was written after its option: texts and
// numbers, lists by spaces, shorthand, JSON, files.
import { fromBase64, textOf, type Files } from "./files";
import type { Shape } from "./model";
import { readShorthand, ShorthandError, type Shorthand } from "./shorthand";

/** A command that cannot be run as it was written; the CLI ends with 252. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly code = 252,
  ) {
    super(message);
  }
}

type Written = string | string[] | Uint8Array;

/** The value of an option for a shape. It throws a UsageError. */
export function valueOf(option: string, shape: Shape, written: string | string[], files: Files): unknown {
  const wrong = (why: string) => new UsageError(`Error parsing parameter '${option}': ${why}`);
  const one = Array.isArray(written) && written.length === 1 ? written[0] : written;
  const given: Written = typeof one === "string" ? (fileOf(one, files, wrong) ?? written) : written;
  return unpack(given, shape, files, wrong);
}

type Wrong = (why: string) => UsageError;

/** What file:// or fileb:// names; undefined when a text names neither. */
export function fileOf(text: string, files: Files, wrong: Wrong): string | Uint8Array | undefined {
  const m = /^file(b?):\/\//.exec(text);
  if (!m) return undefined;
  const path = text.slice(m[0].length);
  const bytes = files.read(path);
  if (!bytes) {
    throw wrong(`Unable to load paramfile ${text}: [Errno 2] No such file or directory: '${path}'. Use Actions, Upload file.`);
  }
  if (m[1] === "b") return bytes;
  const content = textOf(bytes);
  if (content === undefined) {
    throw wrong(`Unable to load paramfile (${path}), text contents could not be decoded.  If this is a binary file, please use the fileb:// prefix instead of the file:// prefix.`);
  }
  return content;
}

function unpack(written: Written, shape: Shape, files: Files, wrong: Wrong): unknown {
  if (written instanceof Uint8Array) return shape.kind === "blob" ? written : unpack(latin1(written), shape, files, wrong);
  const begins = (Array.isArray(written) ? (written[0] ?? "") : written).trim()[0];
  if (shape.kind === "list" || shape.kind === "structure" || shape.kind === "map") {
    // A list of texts may well have one that is a policy in braces.
    if (begins === "[" || (begins === "{" && isComplex(shape))) return unpackJSON(written, shape, wrong);
    if (isComplex(shape)) return unpackShorthand(written, shape, files, wrong);
    return (Array.isArray(written) ? written : [written]).map((w) => scalar(w, (shape as { member: Shape }).member, wrong));
  }
  return scalar(Array.isArray(written) ? written.join(" ") : written, shape, wrong);
}

/** Shorthand is for structures, maps, and lists of something other than scalars. */
function isComplex(shape: Shape): boolean {
  if (shape.kind === "list") return ["list", "map", "structure"].includes(shape.member.kind);
  return shape.kind === "map" || shape.kind === "structure";
}

function unpackJSON(written: string | string[], shape: Shape, wrong: Wrong): unknown {
  const parse = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch (e) {
      throw wrong(`Invalid JSON: ${(e as Error).message}\nJSON received: ${text}`);
    }
  };
  if (!Array.isArray(written)) {
    const value = parse(written);
    return shape.kind === "list" && !Array.isArray(value) ? [value] : value;
  }
  if (written.length === 1 && written[0]!.trim()[0] === "[") return parse(written[0]!);
  return isComplex(shape) ? written.map(parse) : written;
}

function unpackShorthand(written: string | string[], shape: Shape, files: Files, wrong: Wrong): unknown {
  const file = (value: string): string => {
    const content = fileOf(value, files, wrong);
    return content === undefined ? value : typeof content === "string" ? content : latin1(content);
  };
  const read = (text: string, one: Shape): unknown => typed(readShorthand(text, file), one);
  try {
    if (shape.kind !== "list") return read(Array.isArray(written) ? written.join(" ") : written, shape);
    return (Array.isArray(written) ? written : [written]).map((w) => read(w, shape.member));
  } catch (e) {
    throw e instanceof ShorthandError ? wrong(e.message) : e;
  }
}

/** Shorthand has texts alone: numbers, switches and lists of one are made of them. */
function typed(value: Shorthand, shape: Shape): unknown {
  switch (shape.kind) {
    case "structure":
      if (typeof value === "string" || Array.isArray(value)) return value;
      return mapped(value, (v, k) => (shape.members.has(k) ? typed(v, shape.members.get(k)!) : v));
    case "map":
      if (typeof value === "string" || Array.isArray(value)) return value;
      return mapped(value, (v) => typed(v, shape.value));
    case "list":
      return (Array.isArray(value) ? value : [value]).map((v) => typed(v, shape.member));
    case "integer":
      return typeof value === "string" && /^\s*[-+]?\d+\s*$/.test(value) ? Number(value) : value;
    case "boolean":
      return typeof value === "string" ? value.toLowerCase() === "true" : value;
    default:
      return value;
  }
}

function mapped(value: Record<string, Shorthand>, make: (v: Shorthand, k: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, make(v, k)]));
}

function scalar(text: string, shape: Shape, wrong: Wrong): unknown {
  switch (shape.kind) {
    case "integer": {
      if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new UsageError(`invalid literal for int() with base 10: '${text}'`, 255);
      return Number(text);
    }
    case "boolean":
      return text.toLowerCase() !== "false";
    case "blob": {
      const bytes = fromBase64(text);
      if (!bytes) throw wrong(`Invalid base64: "${text}"`);
      return bytes;
    }
    default:
      return text;
  }
}

function latin1(bytes: Uint8Array): string {
  return textOf(bytes) ?? Array.from(bytes, (b) => String.fromCharCode(b)).join("");
}
