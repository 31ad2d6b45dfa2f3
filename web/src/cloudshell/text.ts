// The CLI's text format: a line for each thing, tabs between its scalars in the
// order of their names, what is nested below it under its name.
import type { Value, Values } from "./answer";
import { cell, sorted } from "./print";

export function text(value: Value): string {
  const lines: string[] = [];
  write(value, lines);
  return lines.map((line) => line + "\n").join("");
}

const isList = (v: Value): v is Value[] => Array.isArray(v);
const isMap = (v: Value): v is Values => typeof v === "object" && v !== null && !isList(v);
const isScalar = (v: Value): boolean => !isList(v) && !isMap(v);

/** `names` are the scalars that every thing of a list shows, whether it has them or not. */
function write(value: Value, lines: string[], label?: string, names?: string[]): void {
  if (isMap(value)) writeMap(value, lines, label, names);
  else if (isList(value)) writeList(value, lines, label);
  else lines.push(cell(value));
}

function writeList(list: Value[], lines: string[], label?: string): void {
  if (list.length === 0) return;
  const maps = list.filter(isMap);
  if (maps.length > 0) {
    const names = sorted(new Set(maps.flatMap((m) => Object.keys(m).filter((k) => isScalar(m[k]!)))));
    for (const one of list) write(one, lines, label, names);
    return;
  }
  const scalars = list.filter(isScalar);
  if (scalars.length > 0 && label !== undefined) lines.push(...scalars.map((s) => `${label.toUpperCase()}\t${cell(s)}`));
  else if (scalars.length > 0) lines.push(scalars.map(cell).join("\t"));
  for (const one of list) if (!isScalar(one)) write(one, lines, label);
}

function writeMap(map: Values, lines: string[], label?: string, names?: string[]): void {
  const keys = sorted(Object.keys(map));
  const scalars = names ? names.map((n) => (Object.hasOwn(map, n) ? cell(map[n]!) : "")) : keys.filter((k) => isScalar(map[k]!)).map((k) => cell(map[k]!));
  if (scalars.length > 0) lines.push([...(label === undefined ? [] : [label.toUpperCase()]), ...scalars].join("\t"));
  for (const k of keys) {
    if (names ? !names.includes(k) : !isScalar(map[k]!)) write(map[k]!, lines, k);
  }
}
