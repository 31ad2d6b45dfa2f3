import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { assume } from "../aws";
import { addSession, findSession, useSession } from "../session";
import { ErrorAlert } from "../shared/errors";
import { go } from "../shared/link";
import { useWork } from "../shared/load";
import { Page } from "../shared/page";

/** Takes a role, in this account or another, as a session of its own. */
export default function SwitchRole() {
  const [given] = useSearchParams();
  const session = useSession()!;
  const [account, setAccount] = useState(given.get("account") ?? "");
  const [role, setRole] = useState(given.get("roleName") ?? "");
  const [displayName, setDisplayName] = useState(given.get("displayName") ?? "");
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const number = account.replaceAll("-", "").trim();
  const faults = {
    account: /^\d{12}$/.test(number) ? undefined : /[a-z]/i.test(number) ? "Enter the account's 12-digit number, not its alias." : "Enter an account ID: 12 digits.",
    role: role.trim() === "" ? "Enter the name of a role." : undefined,
  };
  const base = session.role ? (findSession(session.role.base) ?? session) : session;
  const submit = async () => {
    setAsked(true);
    if (busy || faults.account || faults.role) return;
    await run(async () => {
      const arn = `arn:aws:iam::${number}:role/${role.trim().replace(/^\//, "")}`;
      const sessionName = base.principal.name.replaceAll(/[^\w+=,.@-]/g, "-").slice(0, 64);
      const taken = await assume(base, arn, sessionName);
      go("/");
      addSession({
        id: taken.arn + " " + taken.keys.accessKeyId,
        keys: taken.keys,
        ends: base.ends,
        account: { id: number },
        principal: { type: "role", arn: taken.arn, name: `${role.trim().split("/").at(-1)}/${sessionName}` },
        role: { base: base.id, arn, sessionName, displayName: displayName.trim() || undefined },
      });
    });
  };
  return (
    <Page title="Switch role" description="Switching roles lets you manage resources across accounts. When you switch, you temporarily give up your own permissions and have those of the role.">
      <ErrorAlert error={error} header="The role could not be assumed" />
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void submit();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={() => go("/")}>Cancel</Button>
              <Button variant="primary" formAction="submit" loading={busy}>Switch role</Button>
            </SpaceBetween>
          }
        >
          <Container>
            <SpaceBetween size="m">
              <FormField label="Account ID" description="The 12-digit number of the account that has the role. Its alias does not do here." errorText={asked && faults.account}>
                <Input value={account} inputMode="numeric" onChange={(e) => setAccount(e.detail.value)} />
              </FormField>
              <FormField label="IAM role name" description="The name of the role, with its path if it has one." errorText={asked && faults.role}>
                <Input value={role} spellcheck={false} onChange={(e) => setRole(e.detail.value)} />
              </FormField>
              <FormField label={<>Display name <i>- optional</i></>} description="What the top of the page calls this session.">
                <Input value={displayName} onChange={(e) => setDisplayName(e.detail.value)} />
              </FormField>
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </Page>
  );
}
