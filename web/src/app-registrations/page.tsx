import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";
import { useSession } from "../session";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { Copy } from "../shared/copy";
import { ErrorAlert, isMissing } from "../shared/errors";
import { go } from "../shared/link";
import { useLoad } from "../shared/load";
import { Missing } from "../shared/missing";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { showTime } from "../shared/time";
import { above } from "./above";
import { Authorizations } from "./authorizations";
import { HowToCall } from "./how-to-call";
import { arnOf, deleteRegistration, getRegistration } from "./registrations";
import { RotateSecret } from "./rotate-secret";
import { Signer } from "./signer";

/** One registered application. */
export default function AppRegistrationPage() {
  const id = useParam("clientId");
  const account = useSession()!.account.id;
  const found = useLoad(() => getRegistration(id), [id]);
  const [dialog, setDialog] = useState<"rotate" | "delete">();
  const app = found.data;
  if (found.error !== undefined && (!app || isMissing(found.error))) return <Missing noun="application" name={id} list={above[0]!} error={found.error} onRetry={found.reload} />;
  if (!app) return <Page title={id} above={above}><Box textAlign="center"><Spinner size="large" /></Box></Page>;
  const resource = arnOf(account, app.client_id);
  return (
    <Page
      title={app.name}
      above={above}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <ActionButton action="sellingpartnerapi:DeleteApplication" resource={resource} onClick={() => setDialog("delete")}>Delete</ActionButton>
          <ActionButton action="sellingpartnerapi:RotateApplicationClientSecret" resource={resource} onClick={() => setDialog("rotate")}>Rotate secret</ActionButton>
        </SpaceBetween>
      }
    >
      <ErrorAlert error={found.error} onRetry={found.reload} />
      <Container header={<Header>Summary</Header>}>
        <KeyValuePairs
          columns={3}
          minColumnWidth={200}
          items={[
            { label: "Client ID", value: <Copy text={app.client_id} label="Client ID" /> },
            { label: "Application ID", value: <Copy text={app.application_id} label="Application ID" /> },
            { label: "Created", value: showTime(app.created) },
            { label: "IAM ARN", value: <Signer arn={app.iam_arn} account={account} /> },
            { label: "ARN", value: <Copy text={resource} label="ARN" /> },
          ]}
        />
      </Container>
      <Authorizations app={app} resource={resource} loading={found.loading} reload={found.reload} />
      <HowToCall clientId={app.client_id} signer={app.iam_arn} />
      {dialog === "rotate" && <RotateSecret app={app} onClose={() => setDialog(undefined)} />}
      {dialog === "delete" && (
        <Confirm
          title="Delete application?"
          type="confirm"
          button="Delete"
          warning="Its client secrets, refresh tokens and access tokens stop working at once."
          work={() => deleteRegistration(app.client_id)}
          onDone={() => {
            notify("success", `Application ${app.name} deleted.`);
            go("/app-registrations");
          }}
          onCancel={() => setDialog(undefined)}
        >
          Delete application <b className="break-anywhere">{app.name}</b> permanently? You can't undo this.
        </Confirm>
      )}
    </Page>
  );
}
