// Whom a resource policy admits from elsewhere. Nothing here can ask for them: they
// are other accounts' to list.
import { isUnreadable, readDocument } from "../policy/document";
import { element, opaque, strings } from "../policy/statement";
import type { ObjectNode } from "../policy/json";

/** The principals that statements with Effect Allow name and that are not the
 * account's own, each once, in the order in which they stand. */
export function foreignPrincipals(document: string, account: string): string[] {
  const doc = readDocument(document);
  if (isUnreadable(doc)) return [];
  const allowing = doc.statements.filter((s): s is ObjectNode => s.kind === "object" && opaque(s) === undefined).filter((s) => {
    const effect = element(s, "Effect");
    return effect?.kind === "string" && effect.value === "Allow";
  });
  return [...new Set(allowing.flatMap(namedBy))].filter((p) => accountOf(p) !== account);
}

function namedBy(statement: ObjectNode): string[] {
  if (element(statement, "NotPrincipal")) return ["*"];
  const principal = element(statement, "Principal");
  if (principal?.kind === "object") return principal.members.flatMap((m) => strings(m.value) ?? []);
  return principal ? (strings(principal) ?? []) : [];
}

function accountOf(principal: string): string | undefined {
  return /^(?:arn:[^:]*:[^:]*::)?(\d{12})(?::|$)/.exec(principal)?.[1];
}
