import Link from "@cloudscape-design/components/link";
import { ErrorAlert, isMissing } from "../shared/errors";
import { follow, link } from "../shared/link";
import { Page } from "../shared/page";
import { listOf, wordOf, type Kind } from "./principal";

/** In place of a page about a principal that is not there, or can't be read. */
export function Missing({ kind, name, error, onRetry }: { kind: Kind; name: string; error: unknown; onRetry: () => void }) {
  const [list, path] = listOf[kind];
  const gone = isMissing(error);
  return (
    <Page title={name} above={[[list, path]]}>
      <ErrorAlert error={error} header={gone ? `There is no ${wordOf[kind]} ${name}` : undefined} onRetry={onRetry} />
      <Link {...link(path)} onFollow={follow}>Go to {list}</Link>
    </Page>
  );
}
