// Where a matched statement stands, by the place that the simulator tells.
import type { Position, Statement } from "@aws-sdk/client-iam";
import { isUnreadable, readDocument } from "../../policy/document";
import type { Question } from "./simulate";

/** The number of the statement, from 0, that the places lie in; lines and columns
 * are from 1. */
export function statementAt(text: string, start: Position | undefined, end: Position | undefined): number | undefined {
  const doc = readDocument(text);
  if (isUnreadable(doc) || !start) return undefined;
  const from = offset(text, start);
  const to = end ? Math.max(from, offset(text, end)) : from;
  let best: number | undefined;
  let most = 0;
  doc.statements.forEach((s, i) => {
    const common = Math.min(to, s.end) - Math.max(from, s.start) + 1;
    if (common > most) [best, most] = [i, common];
  });
  return best;
}

function offset(text: string, at: Position): number {
  let start = 0;
  for (let line = 1; line < (at.Line ?? 1); line++) {
    const end = text.indexOf("\n", start);
    if (end < 0) break;
    start = end + 1;
  }
  return start + Math.max(0, (at.Column ?? 1) - 1);
}

export interface Place {
  name: string;
  text: string;
  statement?: number;
}

/** The document that a matched statement stands in, and its place there. */
export async function placeOf(q: Question, s: Statement): Promise<Place> {
  const id = s.SourcePolicyId ?? "";
  const at = (name: string, text: string): Place => ({ name, text, statement: statementAt(text, s.StartPosition, s.EndPosition) });
  const [, list, n] = /^(\w+)\.(\d+)$/.exec(id) ?? [];
  if (list === "PolicyInputList") return at(`Policy ${n}`, q.policies.filter((p) => p.trim())[Number(n) - 1] ?? "");
  if (list === "PermissionsBoundaryPolicyInputList") return at("Permissions boundary", q.boundary);
  if (id === "ResourcePolicy") return at("Resource policy", q.resourcePolicy);
  // Two policies may have one name: the one that has a statement there is meant.
  const isBoundary = s.SourcePolicyType as string | undefined === "Permissions Boundary Policy";
  const named = q.sources.filter((x) => x.id === id && !q.left.includes(x.key) && x.boundary === isBoundary);
  let found: Place | undefined;
  for (const source of named) {
    const place = at(source.name, await source.document());
    if (place.statement !== undefined) return place;
    found ??= place;
  }
  if (!found) throw new Error(`The policy ${id} is not among those of the principal any more.`);
  return found;
}
