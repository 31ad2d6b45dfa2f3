// JSON that keeps what JSON.parse loses: the order and the doubles of members,
// how scalars were written, and where everything stands.

export interface Member {
  key: string;
  rawKey: string;
  start: number; // of the key
  value: Node;
}
export interface ObjectNode {
  kind: "object";
  start: number;
  end: number;
  members: Member[];
}
export interface ArrayNode {
  kind: "array";
  start: number;
  end: number;
  items: Node[];
}
/** A string, or a number, true, false or null; raw is as it was written. */
export interface ScalarNode {
  kind: "string" | "literal";
  start: number;
  end: number;
  value: string;
  raw: string;
}
export type Node = ObjectNode | ArrayNode | ScalarNode;

/** Where a text stops being JSON. */
export class JSONFault extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

const deepest = 60; // no policy is nested as deeply; it bounds the recursion
const literal = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const quoted = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const blank = /[ \t\r\n]*/y;

/** Reads a text as JSON; throws JSONFault. */
export function parseJSON(text: string): Node {
  let at = 0;
  const skip = () => {
    blank.lastIndex = at;
    blank.test(text);
    at = blank.lastIndex;
  };
  const fault = (wanted: string) => {
    const found = at >= text.length ? "the end of the document" : JSON.stringify(text[at]);
    return new JSONFault(`Expected ${wanted}, found ${found}`, at);
  };
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const string = (): ScalarNode => {
    const start = at;
    const raw = take(quoted);
    if (raw === undefined) throw new JSONFault("This string is not closed or has a character that must be escaped", at);
    return { kind: "string", start, end: at, value: JSON.parse(raw) as string, raw };
  };
  const list = (close: string, item: () => void) => {
    at++;
    skip();
    if (text[at] === close) return void at++;
    for (;;) {
      item();
      skip();
      if (text[at] === close) return void at++;
      if (text[at] !== ",") throw fault(`"," or "${close}"`);
      at++;
      skip();
    }
  };
  const value = (depth: number): Node => {
    const start = at;
    if (depth > deepest) throw new JSONFault("The document is nested too deeply", at);
    if (text[at] === "{") {
      const members: Member[] = [];
      list("}", () => {
        if (text[at] !== '"') throw fault("a name in double quotes");
        const key = string();
        skip();
        if (text[at] !== ":") throw fault('":"');
        at++;
        skip();
        members.push({ key: key.value, rawKey: key.raw, start: key.start, value: value(depth + 1) });
      });
      return { kind: "object", start, end: at, members };
    }
    if (text[at] === "[") {
      const items: Node[] = [];
      list("]", () => void items.push(value(depth + 1)));
      return { kind: "array", start, end: at, items };
    }
    if (text[at] === '"') return string();
    const raw = take(literal);
    if (raw === undefined) throw fault("a value");
    return { kind: "literal", start, end: at, value: raw, raw };
  };
  skip();
  const root = value(0);
  skip();
  if (at < text.length) throw fault("nothing after the document");
  return root;
}

/** Writes a node; an empty indent makes one line. Lists of nothing and objects of nothing stay closed. */
export function printJSON(node: Node, indent = "\t", outer = ""): string {
  const inner = outer + indent;
  const wrap = (open: string, close: string, parts: string[]) => {
    if (parts.length === 0) return open + close;
    if (indent === "") return open + parts.join(",") + close;
    return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${outer}${close}`;
  };
  if (node.kind === "object") {
    const colon = indent === "" ? ":" : ": ";
    return wrap("{", "}", node.members.map((m) => m.rawKey + colon + printJSON(m.value, indent, inner)));
  }
  if (node.kind === "array") return wrap("[", "]", node.items.map((n) => printJSON(n, indent, inner)));
  return node.raw;
}

/** Nodes that were not read from a text stand nowhere. */
export const nowhere = { start: -1, end: -1 };

export function stringNode(value: string): ScalarNode {
  return { kind: "string", ...nowhere, value, raw: JSON.stringify(value) };
}

export function arrayNode(items: Node[]): ArrayNode {
  return { kind: "array", ...nowhere, items };
}

export function objectNode(entries: [string, Node][]): ObjectNode {
  return { kind: "object", ...nowhere, members: entries.map(([key, value]) => member(key, value)) };
}

export function member(key: string, value: Node): Member {
  return { key, rawKey: JSON.stringify(key), start: -1, value };
}

/** What a text is indented by: the blanks before its first indented line; undefined if it has none. */
export function indentOf(text: string): string | undefined {
  return /\n([ \t]+)\S/.exec(text)?.[1];
}

/** The line, from 1, and the column, from 0, of an offset. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before[before.length - 1]!.length };
}
