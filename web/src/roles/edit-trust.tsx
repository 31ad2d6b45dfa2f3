import { GetRoleCommand, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";
import { iam } from "../aws";
import { Missing } from "../permissions/missing";
import { TrustEditor } from "../policy/trust-editor";
import { ActionButton } from "../shared/action-button";
import { ErrorAlert, isMissing } from "../shared/errors";
import { at, follow, go, href } from "../shared/link";
import { useLoad, useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { plainDocument, pretty } from "./trust";
import { useTrustChecks } from "./trust-checks";

/** "Edit trust policy". */
export default function EditTrust() {
  const name = useParam("name");
  const [text, setText] = useState<string>();
  const [bad, setBad] = useState(false);
  const { busy, error, run } = useWork();
  const { validate, hasErrors } = useTrustChecks();
  const role = useLoad(async () => (await iam().send(new GetRoleCommand({ RoleName: name }))).Role!, [name]);
  const shown = text ?? (role.data && pretty(plainDocument(role.data.AssumeRolePolicyDocument)));
  const back = at("roles", name);
  const save = async () => {
    if (shown === undefined || busy) return;
    await run(async () => {
      const errors = await hasErrors(shown);
      setBad(errors);
      if (errors) return;
      await iam().send(new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument: shown }));
      notify("success", "Trust policy updated.");
      go(back);
    });
  };
  if (isMissing(role.error)) return <Missing kind="role" name={name} error={role.error} onRetry={role.reload} />;
  return (
    <Page title="Edit trust policy" above={[["Roles", "/roles"], [name, back]]}>
      <ErrorAlert error={role.error} onRetry={role.reload} />
      {shown === undefined ? (
        role.loading && <Box textAlign="center"><Spinner size="large" /></Box>
      ) : (
        <>
          <TrustEditor title="Trust policy" value={shown} onChange={(t) => (setText(t), setBad(false))} validate={validate} />
          {bad && <Alert type="error">Correct the errors in the trust policy, then update it.</Alert>}
          <ErrorAlert error={error} header="The trust policy was not updated" />
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" href={href(back)} onFollow={follow}>Cancel</Button>
              <ActionButton variant="primary" action="iam:UpdateAssumeRolePolicy" resource={role.data?.Arn} loading={busy} onClick={save}>
                Update policy
              </ActionButton>
            </SpaceBetween>
          </Box>
        </>
      )}
    </Page>
  );
}
