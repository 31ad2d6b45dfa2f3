// A statement as the visual editor shows it, and its changes. Each element that
// can't be shown stays as JSON, with the reason, and no change touches it.
import { arrayNode, indentOf, member, nowhere, objectNode, printJSON, stringNode, type Node, type ObjectNode, type ScalarNode } from "./json";
import { repeats } from "./document";

export interface Kept {
  element: string;
  json: string;
  why: string;
}

/** One line of a Condition element. Values are nodes, so that numbers stay numbers. */
export interface ConditionRow {
  operator: string;
  key: string;
  values: ScalarNode[];
  list: boolean; // written as a list
}

export interface StatementView {
  sid?: string;
  effect: string; // as it stands: "Allow" and "Deny" have a meaning
  actions?: string[]; // undefined: not shown, see kept
  resources?: string[];
  conditions?: ConditionRow[];
  kept: Kept[];
}

const order = ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/** Why a whole statement can only be shown as JSON; undefined when it can be edited by element. */
export function opaque(node: Node): string | undefined {
  if (node.kind !== "object") return "This is not a statement.";
  if (repeats(node)) return "This statement has an element twice.";
  const effect = element(node, "Effect");
  if (effect?.kind !== "string" || (effect.value !== "Allow" && effect.value !== "Deny")) return "The Effect of this statement is neither Allow nor Deny.";
  return undefined;
}

export function element(node: ObjectNode, name: string): Node | undefined {
  return node.members.find((m) => m.key === name)?.value;
}

/** What can be shown of a statement that is not opaque. */
export function viewStatement(node: ObjectNode): StatementView {
  const view: StatementView = { effect: "", kept: [] };
  const keep = (element: string, value: Node, why: string) =>
    view.kept.push({ element, json: `${JSON.stringify(element)}: ${printJSON(value, "    ")}`, why });
  for (const { key, value } of node.members) {
    if (key === "Effect" && value.kind === "string") view.effect = value.value;
    else if (key === "Sid" && value.kind === "string") view.sid = value.value;
    else if (key === "Action" || key === "Resource") {
      const list = strings(value);
      if (!list) keep(key, value, `${key} is neither a string nor a list of strings.`);
      else if (key === "Action") view.actions = list;
      else view.resources = list;
    } else if (key === "Condition") {
      view.conditions = conditionRows(value);
      if (!view.conditions) keep(key, value, "The visual editor can't show this form of a condition.");
    } else keep(key, value, why(key));
  }
  const has = (...names: string[]) => names.some((n) => element(node, n) !== undefined);
  if (!has("Action", "NotAction")) view.actions = [];
  if (!has("Resource", "NotResource")) view.resources = [];
  if (!has("Condition")) view.conditions = [];
  return view;
}

function why(name: string): string {
  switch (name) {
    case "NotAction":
    case "NotResource":
      return `The visual editor does not show ${name}: it stands for everything but what it names.`;
    case "Principal":
    case "NotPrincipal":
      return `The visual editor does not show ${name}.`;
  }
  return "The visual editor does not know this element.";
}

/** The Sid of a statement, if it has one. */
export function sidOf(node: Node): string | undefined {
  const sid = node.kind === "object" ? element(node, "Sid") : undefined;
  return sid?.kind === "string" ? sid.value : undefined;
}

export function strings(node: Node): string[] | undefined {
  if (node.kind === "string") return [node.value];
  if (node.kind !== "array") return undefined;
  return node.items.every((n) => n.kind === "string") ? node.items.map((n) => (n as ScalarNode).value) : undefined;
}

function conditionRows(node: Node): ConditionRow[] | undefined {
  if (node.kind !== "object" || repeats(node)) return undefined;
  const rows: ConditionRow[] = [];
  for (const { key: operator, value: keys } of node.members) {
    if (keys.kind !== "object" || repeats(keys) || keys.members.length === 0) return undefined;
    for (const { key, value } of keys.members) {
      const list = value.kind === "array";
      const values = value.kind === "array" ? value.items : [value];
      if (!values.every((v): v is ScalarNode => v.kind === "string" || v.kind === "literal")) return undefined;
      rows.push({ operator, key, values, list });
    }
  }
  return rows;
}

/** Which part of a statement about permissions names nothing; undefined when it
 * names something of both, or has a form that only JSON shows. */
export function lacks(node: Node): "actions" | "resources" | undefined {
  if (node.kind !== "object" || repeats(node)) return undefined;
  const empty = (...names: string[]) => {
    const there = names.flatMap((n) => element(node, n) ?? []);
    return there.every((v) => strings(v)?.every((s) => s === "") ?? false);
  };
  if (empty("Action", "NotAction")) return "actions";
  if (empty("Resource", "NotResource")) return "resources";
  return undefined;
}

/** The statement with an element set, in its place or where AWS's order has it; undefined takes it away. */
export function withElement(node: ObjectNode, name: string, value: Node | undefined): ObjectNode {
  const at = node.members.findIndex((m) => m.key === name);
  const members = [...node.members];
  if (value === undefined) {
    if (at >= 0) members.splice(at, 1);
  } else if (at >= 0) members[at] = { ...members[at]!, value };
  else {
    const rank = order.indexOf(name);
    const next = members.findIndex((m) => order.indexOf(m.key) > rank);
    members.splice(next < 0 ? members.length : next, 0, member(name, value));
  }
  return { kind: "object", ...nowhere, members };
}

export function withSid(node: ObjectNode, sid: string): ObjectNode {
  return withElement(node, "Sid", sid === "" ? undefined : stringNode(sid));
}

export function withEffect(node: ObjectNode, effect: "Allow" | "Deny"): ObjectNode {
  return withElement(node, "Effect", stringNode(effect));
}

/** Sets Action or Resource: a string when it is one value that was not in a list, as AWS's editor writes. */
export function withStrings(node: ObjectNode, name: "Action" | "Resource", values: string[]): ObjectNode {
  const old = element(node, name);
  const items = old?.kind === "array" ? old.items : old ? [old] : [];
  const known = new Map(items.map((n) => [n.kind === "string" ? n.value : "", n]));
  const nodes = values.map((v) => known.get(v) ?? stringNode(v));
  const list = values.length !== 1 || (old?.kind === "array" && old.items.length > 0);
  return withElement(node, name, list ? arrayNode(nodes) : nodes[0]);
}

/** Sets the conditions; rows of one operator and key become one. */
export function withConditions(node: ObjectNode, rows: ConditionRow[]): ObjectNode {
  if (rows.length === 0) return withElement(node, "Condition", undefined);
  const operators = new Map<string, Map<string, ConditionRow>>();
  for (const row of rows) {
    const keys = operators.get(row.operator) ?? new Map<string, ConditionRow>();
    operators.set(row.operator, keys);
    const same = keys.get(row.key);
    const values = same ? [...same.values, ...row.values.filter((v) => !same.values.some((s) => s.raw === v.raw))] : row.values;
    keys.set(row.key, { ...row, values, list: row.list || values.length !== 1 });
  }
  const value = objectNode([...operators].map(([operator, keys]) => [
    operator,
    objectNode([...keys].map(([key, row]) => [key, row.list ? arrayNode(row.values) : row.values[0]!])),
  ]));
  return withElement(node, "Condition", value);
}

export function conditionRow(operator: string, key: string, values: string[]): ConditionRow {
  return { operator, key, values: values.map(stringNode), list: values.length !== 1 };
}

/** A copy under another Sid; without a Sid, one without. */
export function cloneStatement(node: ObjectNode, sid: string): ObjectNode {
  const copy: ObjectNode = { ...node, ...nowhere };
  return element(node, "Sid") ? withSid(copy, sid) : copy;
}

/** The statement's own JSON, for display. */
export function statementJSON(text: string, node: Node): string {
  return node.start < 0 ? printJSON(node, indentOf(text) ?? "    ") : text.slice(node.start, node.end);
}
