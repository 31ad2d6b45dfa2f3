import Container from "@cloudscape-design/components/container";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Tiles from "@cloudscape-design/components/tiles";
import { CreateAccountCommand, DescribeCreateAccountStatusCommand, InviteAccountToOrganizationCommand } from "@aws-sdk/client-organizations";
import { useState } from "react";
import { organizations } from "../aws";
import { ActionButton } from "../shared/action-button";
import { ErrorAlert } from "../shared/errors";
import { go } from "../shared/link";
import { useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { TagFields, tagsAreGood, type Tag } from "../shared/tags";
import { OnlyManagement } from "./only-management";

/** Makes an account in the organization, or invites one. */
export default function AddAccountPage() {
  return (
    <OnlyManagement title="Add an AWS account" what="add accounts to it">
      <AddAccount />
    </OnlyManagement>
  );
}

function AddAccount() {
  const [how, setHow] = useState("create");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("OrganizationAccountAccessRole");
  const [target, setTarget] = useState("");
  const [notes, setNotes] = useState("");
  const [tags, setTags] = useState<Tag[]>([]);
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const creating = how === "create";
  const faults = creating
    ? { name: name.trim() ? undefined : "Enter a name.", email: /^\S+@\S+$/.test(email.trim()) ? undefined : "Enter an email address that no other account has." }
    : { target: /^(\d{12}|\S+@\S+)$/.test(target.trim()) ? undefined : "Enter an account ID (12 digits) or its email address." };
  const submit = async () => {
    setAsked(true);
    if (busy || !tagsAreGood(tags) || Object.values(faults).some(Boolean)) return;
    const good = await run(creating ? () => create(name.trim(), email.trim(), role.trim(), tags) : () => invite(target.trim(), notes.trim(), tags));
    if (good) {
      notify("success", creating ? `Account ${name.trim()} created. Switch to its role ${role.trim() || "OrganizationAccountAccessRole"} to work in it.` : "Invitation sent.");
      go(creating ? "/organizations" : "/organizations/invitations");
    }
  };
  return (
    <Page title="Add an AWS account" above={[["AWS accounts", "/organizations"]]}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void submit();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={() => go("/organizations")}>Cancel</Button>
              <ActionButton action={creating ? "organizations:CreateAccount" : "organizations:InviteAccountToOrganization"} variant="primary" formAction="submit" loading={busy}>
                {creating ? "Create AWS account" : "Send invitation"}
              </ActionButton>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="l">
            <ErrorAlert error={error} />
            <Tiles
              value={how}
              ariaLabel="How to add the account"
              onChange={(e) => setHow(e.detail.value)}
              items={[
                { value: "create", label: "Create an AWS account", description: "A new account in your organization." },
                { value: "invite", label: "Invite an existing AWS account", description: "An account of this server that is in no organization." },
              ]}
            />
            <Container header={<Header>{creating ? "New account" : "Invitation"}</Header>}>
              {creating ? (
                <SpaceBetween size="m">
                  <FormField label="AWS account name" errorText={asked && faults.name}>
                    <Input value={name} autoComplete={false} onChange={(e) => setName(e.detail.value)} />
                  </FormField>
                  <FormField label="Email address of the account's owner" errorText={asked && faults.email}>
                    <Input type="email" value={email} autoComplete={false} onChange={(e) => setEmail(e.detail.value)} />
                  </FormField>
                  <FormField label="IAM role name" description="The role by which administrators of this account administer the new one.">
                    <Input value={role} spellcheck={false} onChange={(e) => setRole(e.detail.value)} />
                  </FormField>
                </SpaceBetween>
              ) : (
                <SpaceBetween size="m">
                  <FormField label="Email address or account ID" errorText={asked && faults.target}>
                    <Input value={target} autoComplete={false} onChange={(e) => setTarget(e.detail.value)} />
                  </FormField>
                  <FormField label={<>Message <i>- optional</i></>} description="It goes with the invitation.">
                    <Textarea value={notes} onChange={(e) => setNotes(e.detail.value)} />
                  </FormField>
                </SpaceBetween>
              )}
            </Container>
            <Container header={<Header description="Tags of the account, from when it is in the organization.">Tags - optional</Header>}>
              <TagFields tags={tags} onChange={setTags} />
            </Container>
          </SpaceBetween>
        </Form>
      </form>
    </Page>
  );
}

async function create(AccountName: string, Email: string, role: string, Tags: Tag[]): Promise<void> {
  const client = await organizations();
  let status = (await client.send(new CreateAccountCommand({ AccountName, Email, RoleName: role || undefined, Tags }))).CreateAccountStatus;
  for (let turn = 0; status?.State === "IN_PROGRESS" && turn < 60; turn++) {
    await new Promise((r) => setTimeout(r, 500));
    status = (await client.send(new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: status.Id }))).CreateAccountStatus;
  }
  if (status?.State === "FAILED") throw new Error(`The account was not created: ${reasons[status.FailureReason ?? ""] ?? status.FailureReason}`);
}

const reasons: Record<string, string> = {
  EMAIL_ALREADY_EXISTS: "another account has this email address.",
  ACCOUNT_LIMIT_EXCEEDED: "the organization has as many accounts as it may have.",
  INVALID_EMAIL: "the email address is not valid.",
};

async function invite(target: string, notes: string, Tags: Tag[]): Promise<void> {
  const client = await organizations();
  await client.send(
    new InviteAccountToOrganizationCommand({ Target: { Id: target, Type: target.includes("@") ? "EMAIL" : "ACCOUNT" }, Notes: notes || undefined, Tags }),
  );
}
