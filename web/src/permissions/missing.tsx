import { Missing as Gone } from "../shared/missing";
import { listOf, wordOf, type Kind } from "./principal";

/** In place of a page about a principal that is not there, or can't be read. */
export function Missing({ kind, name, error, onRetry }: { kind: Kind; name: string; error: unknown; onRetry: () => void }) {
  return <Gone noun={wordOf[kind]} name={name} list={listOf[kind]} error={error} onRetry={onRetry} />;
}
