import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { follow, href } from "../shared/link";
import { Page } from "../shared/page";
import { nameOf } from "./providers";

export const above: [string, string][] = [["Identity providers", "/identity-providers"]];

export function MissingProvider({ arn }: { arn: string }) {
  return (
    <Page title={nameOf(arn)} above={above}>
      <Alert type="warning" header="There is no such identity provider" action={<Button href={href("/identity-providers")} onFollow={follow}>Identity providers</Button>}>
        This account has no identity provider <b className="break-anywhere">{arn}</b>. It may have been deleted.
      </Alert>
    </Page>
  );
}
