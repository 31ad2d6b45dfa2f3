// The CLI's table format: sections below each other, each with a title, a row of
// names and rows of values; what is nested is a section of its own, set in.
import type { Value, Values } from "./answer";
import { cell, sorted } from "./print";
import { columns } from "./width";

interface Section {
  title: string;
  level: number; // how far it is set in
  names: string[];
  rows: string[][];
}

const isScalar = (v: Value | undefined): boolean => typeof v !== "object" || v === null;
const isMap = (v: Value | undefined): v is Values => !isScalar(v) && !Array.isArray(v);

/** A table for a terminal of so many columns. It throws when rows do not fit together. */
export function table(value: Value, title: string, width: number): string {
  const sections: Section[] = [];
  build(value, title, 0, sections);
  if (sections.length === 0) return "";
  let widest = widthOf(sections);
  if (widest > width) {
    sections.forEach(turn);
    widest = widthOf(sections);
  }
  return "-".repeat(widest) + "\n" + sections.map((s) => render(s, widest)).join("");
}

function isEmpty(value: Value): boolean {
  return !value || (typeof value === "object" && Object.keys(value).length === 0);
}

function build(value: Value, title: string | undefined, level: number, sections: Section[]): void {
  if (isEmpty(value)) return;
  if (title !== undefined) sections.push({ title, level, names: [], rows: [] });
  const section = sections[sections.length - 1]!;
  if (Array.isArray(value)) {
    if (isMap(value[0])) return buildList(value as Values[], title ?? "", level, sections);
    for (const one of value) {
      if (isScalar(one)) addRow(section, [one]);
      else if (isMap(one)) addRow(section, Object.keys(one));
      else if ((one as Value[]).every(isScalar)) addRow(section, one as Value[]);
      else build(one, undefined, 0, sections);
    }
  } else if (isMap(value)) buildMap(value, section, level, sections);
}

function buildMap(map: Values, section: Section, level: number, sections: Section[]): void {
  const { names, nested } = partsOf([map]);
  if (names.length === 1) addRow(section, [names[0]!, map[names[0]!]!]);
  else if (names.length > 1) {
    section.names = names;
    addRow(section, names.map((n) => map[n]!));
  }
  for (const n of nested) build(map[n]!, n, level + 1, sections);
}

function buildList(list: Values[], title: string, level: number, sections: Section[]): void {
  const { names, nested } = partsOf(list);
  let section = sections[sections.length - 1]!;
  section.names = names;
  list.forEach((one, i) => {
    if (i > 0 && nested.length > 0) {
      section = { title, level, names, rows: [] };
      sections.push(section);
    }
    if (!isMap(one)) return addRow(section, names.map(() => ""));
    addRow(section, names.map((n) => (Object.hasOwn(one, n) ? one[n]! : "")));
    for (const n of nested) if (Object.hasOwn(one, n)) build(one[n]!, n, level + 1, sections);
  });
}

/** The names of scalars, and those of all else, that any of some maps has. */
function partsOf(maps: Values[]): { names: string[]; nested: string[] } {
  const names = new Set<string>();
  const nested = new Set<string>();
  for (const map of maps) for (const [k, v] of Object.entries(map)) (isScalar(v) ? names : nested).add(k);
  return { names: sorted(names), nested: sorted(nested) };
}

function addRow(section: Section, row: Value[]): void {
  const n = section.names.length || section.rows[0]?.length;
  if (n !== undefined && n !== row.length) throw new Error(`Row should have ${n} elements, instead it has ${row.length}`);
  section.rows.push(row.map(cell));
}

/** A section of one row that is too wide shows its names below each other. */
function turn(section: Section): void {
  if (section.rows.length !== 1 || section.names.length === 0) return;
  section.rows = section.names.map((n, i) => [n, section.rows[0]![i]!]);
  section.names = [];
}

const padding = 4;

/** The widths of the columns, each with its padding. */
function widthsOf(section: Section): number[] {
  const widths: number[] = [];
  for (const row of [section.names, ...section.rows]) row.forEach((c, i) => (widths[i] = Math.max(widths[i] ?? 0, columns(c) + padding)));
  return widths;
}

function widthOf(sections: Section[]): number {
  return Math.max(
    ...sections.map((s) => {
      const inner = widthsOf(s).reduce((sum, w) => sum + w, 0) + 2;
      return 2 * s.level + Math.max(columns(s.title) + 2, inner);
    }),
  );
}

/** Spreads the columns over the whole width, to the character. */
function scaled(widths: number[], whole: number): number[] {
  const sum = widths.reduce((a, b) => a + b, 0);
  const wide = widths.map((w) => even((whole / sum) * w));
  let over = wide.reduce((a, b) => a + b, 0) - whole;
  while (over !== 0 && wide.length > 0) {
    for (let k = 0; k < wide.length && over !== 0; k++) {
      const i = over < 0 ? wide.length - 1 - k : k;
      const step = over > 0 ? -1 : 1;
      wide[i]! += step;
      over += step;
    }
  }
  return wide;
}

/** Halves go to the even number, as Python rounds. */
function even(n: number): number {
  const low = Math.floor(n);
  if (n - low !== 0.5) return Math.round(n);
  return low % 2 === 0 ? low : low + 1;
}

function render(section: Section, widest: number): string {
  const width = widest - 2 * section.level;
  const lines: string[] = [];
  if (section.title) {
    lines.push(center(section.title, width, "|"));
    if (section.names.length === 0 && section.rows.length === 0) lines.push(`+${"-".repeat(width - 2)}+`);
  }
  const widths = scaled(widthsOf(section), width);
  const rule = widths.map((w, i) => (i === 0 ? `+${"-".repeat(w - 2)}+` : `${"-".repeat(w - 1)}+`)).join("");
  if (section.names.length > 0) {
    lines.push(rule, section.names.map((n, i) => center(n, widths[i]!, i === 0 ? "|" : "")).join(""));
  }
  if (section.rows.length > 0 && widths.length > 0) {
    lines.push(rule, ...section.rows.map((row) => row.map((c, i) => left(c, widths[i]!, i === 0 ? "|" : "")).join("")), rule);
  }
  const edge = "|".repeat(section.level);
  return lines.map((line) => edge + line + edge + "\n").join("");
}

function spaces(n: number): string {
  return " ".repeat(Math.max(n, 0));
}

function center(text: string, width: number, edge: string): string {
  const long = columns(text);
  const before = Math.floor(width / 2) - Math.floor(long / 2) - 1;
  return edge + spaces(before) + text + spaces(width - 1 - (edge.length + before + long)) + "|";
}

function left(text: string, width: number, edge: string): string {
  const long = columns(text);
  const before = width - (long + 2 + edge.length + 1) >= 0 ? 2 : 0;
  return edge + spaces(before) + text + spaces(width - (edge.length + before + long) - 1) + "|";
}
