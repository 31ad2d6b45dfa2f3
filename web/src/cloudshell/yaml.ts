// YAML as the CLI prints it: blocks, names in order, texts in quotes where they
// would be read as something else.
import type { Value } from "./answer";
import { sorted } from "./print";

export function yaml(value: Value): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) + "\n";
  return block(value, "") + (Object.keys(value).length === 0 ? "\n" : "");
}

/** A list or a map, each line set in; `first` is what its first line has before it. */
function block(value: Value, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return value.map((v) => `${indent}- ` + item(v, indent + "  ")).join("");
  }
  const map = value as { [name: string]: Value };
  const names = sorted(Object.keys(map));
  if (names.length === 0) return "{}";
  return names
    .map((n) => {
      const name = indent + scalar(n) + ":";
      return name + member(map[n]!, indent, name.length + 1);
    })
    .join("");
}

function isBlock(value: Value): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** What stands after a dash: a block begins in the same line. */
function item(value: Value, indent: string): string {
  return isBlock(value) ? block(value, indent).slice(indent.length) : folded(flow(value), indent.length, indent) + "\n";
}

/** What stands after a name: a list is set in no further, a map is. */
function member(value: Value, indent: string, column: number): string {
  if (!isBlock(value)) return ` ${folded(flow(value), column, indent + "  ")}\n`;
  return "\n" + block(value, Array.isArray(value) ? indent : indent + "  ");
}

function flow(value: Value): string {
  if (Array.isArray(value)) return "[]";
  if (typeof value === "object" && value !== null) return "{}";
  return value === null ? "null" : typeof value === "string" ? scalar(value) : String(value);
}

const widest = 80;

/** A long text goes on in the next line, at the first single space behind the widest column. */
function folded(text: string, column: number, indent: string): string {
  if (column + text.length <= widest || text.startsWith('"')) return text;
  return text.replace(/([^ ]*)( +|$)/g, (whole, word: string, gap: string) => {
    column += word.length;
    if (gap !== " " || column <= widest || word === "") {
      column += gap.length;
      return whole;
    }
    column = indent.length;
    return `${word}\n${indent}`;
  });
}

// What would be read as a number, a truth, nothing or a date, were it not in quotes.
const other = /^(?:[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-f_]+|[\d_]+|\d[\d_]*\.[\d_]*(?:e[-+]?\d+)?|\d[\d_]*e[-+]?\d+|\.[\d_]+(?:e[-+]?\d+)?|\.inf)|\.nan|true|false|null|~|<<|=|\d{4}-\d\d?-\d\d?(?:[Tt ].*)?)$/i;

// What is not printed as it is.
const special = /[\x00-\x1f\x7f-\x9f\ufeff\u2028\u2029]|[^\0-\uffff]/u;

function escaped(c: string): string {
  const code = c.codePointAt(0)!;
  const hex = (digits: number) => code.toString(16).toUpperCase().padStart(digits, "0");
  return code < 0x100 ? "\\x" + hex(2) : code < 0x10000 ? "\\u" + hex(4) : "\\U" + hex(8);
}

/** A text as it is where that is safe, else in quotes. */
function scalar(text: string): string {
  if (special.test(text)) return JSON.stringify(text).replace(/[\x7f-\x9f\ufeff\u2028\u2029]|[^\0-\uffff]/gu, escaped);
  const plain = text !== "" && !other.test(text) && !/^[ ,[\]{}#&*!|>'"%@`]|^[-?:](?: |$)|:(?: |$)| #| $|^---|^\.\.\./.test(text);
  return plain ? text : `'${text.replaceAll("'", "''")}'`;
}
