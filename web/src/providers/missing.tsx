import { Missing } from "../shared/missing";
import { nameOf } from "./providers";

export const above: [string, string][] = [["Identity providers", "/identity-providers"]];

export function MissingProvider({ arn, error, onRetry }: { arn: string; error?: unknown; onRetry?: () => void }) {
  return <Missing noun="identity provider" name={nameOf(arn)} list={above[0]!} error={error} onRetry={onRetry} />;
}
