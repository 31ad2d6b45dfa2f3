// A policy document as text that is edited by statement: whatever an edit does
// not touch keeps its bytes.
import { arrayNode, indentOf, JSONFault, member, nowhere, objectNode, parseJSON, placeOf, printJSON, stringNode, type Node, type ObjectNode } from "./json";
import type { PolicyKind } from "./kinds";

export interface PolicyDocument {
  text: string;
  root: ObjectNode;
  /** Items that are no objects are among them; the visual editor shows these as JSON. */
  statements: Node[];
}

/** Why a text can't be shown by statement, and where. */
export interface Unreadable {
  message: string;
  line: number;
  column: number;
}

const version = "2012-10-17";
const usualIndent = "\t"; // as AWS's console writes

/** What the editor begins with, as AWS's does. */
export const emptyPolicy = printJSON(objectNode([
  ["Version", stringNode(version)],
  ["Statement", arrayNode([emptyStatement("Statement1")])],
]), usualIndent);

/** A statement to be filled in, as the kind of policy wants it. */
export function emptyStatement(sid?: string, kind: PolicyKind = "identity"): ObjectNode {
  const rest: [string, Node][] = [["Effect", stringNode(kind === "scp" || kind === "rcp" ? "Deny" : "Allow")]];
  if (kind === "rcp") rest.push(["Principal", stringNode("*")]);
  if (kind === "trust" || kind === "resource") rest.push(["Principal", objectNode([])]);
  rest.push(["Action", kind === "trust" ? stringNode("sts:AssumeRole") : arrayNode([])]);
  if (kind !== "trust") rest.push(["Resource", arrayNode([])]);
  return objectNode(sid === undefined ? rest : [["Sid", stringNode(sid)], ...rest]);
}

/** Reads a text; one of blanks is a document of nothing. */
export function readDocument(text: string): PolicyDocument | Unreadable {
  if (text.trim() === "") return { text, root: objectNode([]), statements: [] };
  let root: Node;
  try {
    root = parseJSON(text);
  } catch (e) {
    if (!(e instanceof JSONFault)) throw e;
    return { message: e.message, ...placeOf(text, e.offset) };
  }
  const start = placeOf(text, root.start);
  if (root.kind !== "object") return { message: "A policy document is a JSON object", ...start };
  if (repeats(root)) return { message: "The document has an element twice", ...start };
  const statement = root.members.find((m) => m.key === "Statement")?.value;
  if (statement === undefined) return { text, root, statements: [] };
  if (statement.kind === "array") return { text, root, statements: statement.items };
  return { text, root, statements: [statement] };
}

export function isUnreadable(d: PolicyDocument | Unreadable): d is Unreadable {
  return "message" in d;
}

/** Tells whether an object has a name more than once. */
export function repeats(node: ObjectNode): boolean {
  return new Set(node.members.map((m) => m.key)).size < node.members.length;
}

/** The text with other statements. Those that were in the document keep their
 * bytes; in a document of one line, which is laid out anew, what they say. */
export function withStatements(doc: PolicyDocument, statements: Node[]): string {
  if (statements.length === doc.statements.length && statements.every((s, i) => s === doc.statements[i])) return doc.text;
  const at = doc.root.members.findIndex((m) => m.key === "Statement");
  const indent = indentOf(doc.text);
  if (at < 0 || indent === undefined) return whole(doc, at, statements, indent ?? usualIndent);
  const old = doc.root.members[at]!.value;
  const bare = old.kind !== "array";
  const spliced = statements.length === doc.statements.length || (bare && statements.length === 1);
  if (spliced && statements.length > 0) {
    const outer = bare ? indent : lineIndent(doc.text, doc.statements[0]!.start) ?? indent + indent;
    let text = doc.text;
    for (let i = statements.length - 1; i >= 0; i--) {
      const before = doc.statements[i]!;
      if (before === statements[i]) continue;
      text = text.slice(0, before.start) + printJSON(statements[i]!, indent, outer) + text.slice(before.end);
    }
    return text;
  }
  const kept = new Set(doc.statements);
  const outer = indent + indent;
  const parts = statements.map((s) => (kept.has(s) ? shift(doc.text, s, outer) : printJSON(s, indent, outer)));
  const list = parts.length === 0 ? "[]" : `[\n${outer}${parts.join(`,\n${outer}`)}\n${indent}]`;
  return doc.text.slice(0, old.start) + list + doc.text.slice(old.end);
}

/** A statement's own text, moved so that its lines after the first begin where `outer` does. */
function shift(text: string, node: Node, outer: string): string {
  const raw = text.slice(node.start, node.end);
  const was = lineIndent(text, node.start);
  if (was === undefined || was === outer) return raw;
  return raw.split("\n").map((line, i) => (i > 0 && line.startsWith(was) ? outer + line.slice(was.length) : line)).join("\n");
}

/** The blanks before an offset, if its line has nothing else before it. */
function lineIndent(text: string, offset: number): string | undefined {
  return /(?:^|\n)([ \t]*)$/.exec(text.slice(0, offset))?.[1];
}

function whole(doc: PolicyDocument, at: number, statements: Node[], indent: string): string {
  const old = doc.root.members[at]?.value;
  const value = old !== undefined && old.kind !== "array" && statements.length === 1 ? statements[0]! : arrayNode(statements);
  const members = [...doc.root.members];
  if (at >= 0) members[at] = { ...members[at]!, value };
  else members.push(member("Statement", value));
  if (!members.some((m) => m.key === "Version")) members.unshift(member("Version", stringNode(version)));
  return printJSON({ kind: "object", ...nowhere, members }, indent);
}

/** A Sid that no statement of the document has: VisualEditor0 and so on, as AWS numbers them. */
export function freeSid(statements: Node[]): string {
  const taken = new Set(statements.flatMap((s) => (s.kind === "object" ? s.members : [])).flatMap((m) => (m.key === "Sid" && m.value.kind === "string" ? [m.value.value] : [])));
  for (let n = 0; ; n++) if (!taken.has(`VisualEditor${n}`)) return `VisualEditor${n}`;
}

/** The lines, from 1, that a statement takes; undefined when there is none of that index. */
export function statementLines(text: string, index: number): { first: number; last: number } | undefined {
  const doc = readDocument(text);
  const node = isUnreadable(doc) ? undefined : doc.statements[index];
  return node && { first: placeOf(text, node.start).line, last: placeOf(text, node.end).line };
}

/** The document laid out over lines, if it is JSON; otherwise as it is. */
export function prettyDocument(text: string, indent = "    "): string {
  try {
    return printJSON(parseJSON(text), indent);
  } catch {
    return text;
  }
}
