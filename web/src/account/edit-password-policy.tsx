import { DeleteAccountPasswordPolicyCommand, UpdateAccountPasswordPolicyCommand } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Tiles from "@cloudscape-design/components/tiles";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { ErrorAlert } from "../shared/errors";
import { go } from "../shared/link";
import { useLoad, useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { CustomPolicy } from "./custom-policy";
import { policyFaults, toForm, toInput, usual, type PolicyForm } from "./password-policy";
import { passwordPolicy, Rules } from "./password-policy-section";

/** "Edit password policy": IAM's default, or one's own. */
export default function EditPasswordPolicy() {
  const now = useLoad(passwordPolicy, []);
  return (
    <Page title="Edit password policy" above={[["Account settings", "/account-settings"]]}>
      <ErrorAlert error={now.error} onRetry={now.reload} />
      {now.data === undefined ? now.loading && <Box textAlign="center"><Spinner size="large" /></Box> : <Edit first={now.data ? toForm(now.data) : usual} own={now.data !== null} />}
    </Page>
  );
}

function Edit({ first, own }: { first: PolicyForm; own: boolean }) {
  const [custom, setCustom] = useState(own);
  const [form, setForm] = useState(first);
  const [asking, setAsking] = useState(false);
  const { busy, error, run } = useWork();
  const faults = policyFaults(form);
  const done = (message: string) => {
    notify("success", message);
    go("/account-settings");
  };
  const save = async () => {
    if (busy) return;
    if (!custom) return own ? setAsking(true) : go("/account-settings");
    if (Object.values(faults).some(Boolean)) return;
    if (await run(() => iam().send(new UpdateAccountPasswordPolicyCommand(toInput(form))))) done("Password policy updated.");
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        void save();
      }}
    >
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="none" variant="link" onClick={() => go("/account-settings")}>Cancel</Button>
            <ActionButton variant="primary" formAction="submit" loading={busy} action={custom ? "iam:UpdateAccountPasswordPolicy" : "iam:DeleteAccountPasswordPolicy"}>
              Save changes
            </ActionButton>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          <Container header={<Header variant="h2">Password policy</Header>}>
            <SpaceBetween size="l">
              <Tiles
                ariaLabel="Password policy"
                value={custom ? "custom" : "default"}
                onChange={(e) => setCustom(e.detail.value === "custom")}
                items={[
                  { value: "default", label: "IAM default", description: "Apply default password requirements." },
                  { value: "custom", label: "Custom", description: "Apply customized password requirements." },
                ]}
              />
              {custom ? <CustomPolicy form={form} onChange={setForm} faults={faults} /> : <Rules policy={undefined} />}
            </SpaceBetween>
          </Container>
          <ErrorAlert error={error} header="The password policy was not changed" />
        </SpaceBetween>
      </Form>
      {asking && (
        <Confirm
          title="Set default password policy?"
          button="Set default"
          warning="Passwords that stand stay as they are. From now on they never expire, and new ones must meet IAM's default alone."
          work={() => iam().send(new DeleteAccountPasswordPolicyCommand({}))}
          onDone={() => done("The default password policy holds.")}
          onCancel={() => setAsking(false)}
        >
          Delete the account's own password policy, so that IAM's default holds?
        </Confirm>
      )}
    </form>
  );
}
