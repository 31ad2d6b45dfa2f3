import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { ErrorAlert, isMissing } from "./errors";
import { follow, href, link } from "./link";
import { Page } from "./page";

interface Props {
  /** What it would be: "user group". */
  noun: string;
  name: string;
  /** Where the others are: the list's name and path. */
  list: [name: string, path: string];
  /** Why it can't be shown; without one it is not there. */
  error?: unknown;
  onRetry?: () => void;
}

/** In place of a page about what is not there, or can't be read. */
export function Missing({ noun, name, list, error, onRetry }: Props) {
  const [text, path] = list;
  if (error !== undefined && !isMissing(error)) {
    return (
      <Page title={name} above={[list]}>
        <ErrorAlert error={error} onRetry={onRetry} />
        <Link {...link(path)} onFollow={follow}>Go to {text}</Link>
      </Page>
    );
  }
  return (
    <Page title={name} above={[list]}>
      <Alert type="warning" header={<span className="break-anywhere">There is no {noun} named {name}</span>} action={<Button href={href(path)} onFollow={follow}>Go to {text}</Button>}>
        It may have been deleted, or have another name now.
      </Alert>
    </Page>
  );
}
