// Another policy's statements, after those that are in a document.
import { emptyPolicy, isUnreadable, prettyDocument, readDocument, withStatements } from "../policy/document";

/** The document with the statements of another at its end; the other one alone
 * when nothing was written yet; undefined when the document can't be read. */
export function importInto(text: string, other: string): string | undefined {
  const doc = readDocument(text), more = readDocument(other);
  if (isUnreadable(doc) || isUnreadable(more)) return undefined;
  if (doc.statements.length === 0 || prettyDocument(text) === prettyDocument(emptyPolicy)) return prettyDocument(other);
  return withStatements(doc, [...doc.statements, ...more.statements]);
}
