import { AddUserToGroupCommand, CreateGroupCommand, type User } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "../aws";
import { attachAll } from "../permissions/attach";
import { PolicyPicker } from "../permissions/policy-picker";
import { ActionButton } from "../shared/action-button";
import { ErrorAlert } from "../shared/errors";
import { LeavePage } from "../shared/leave-page";
import { at, go } from "../shared/link";
import { useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { nameFault, nameRule } from "../users/name";
import { UserTable } from "./user-table";

/** Makes a group, with users and policies. */
export default function CreateGroup() {
  const [name, setName] = useState("");
  const [users, setUsers] = useState<User[]>([]);
  const [policies, setPolicies] = useState<string[]>([]);
  const [asked, setAsked] = useState(false);
  const [made, setMade] = useState(false);
  const [joined, setJoined] = useState<string[]>([]);
  const { busy, error, run } = useWork();
  const fault = nameFault(name, "group");
  const create = async () => {
    setAsked(true);
    if (fault || busy) return;
    const good = await run(async () => {
      if (!made) await iam().send(new CreateGroupCommand({ GroupName: name }));
      setMade(true);
      for (const { UserName } of users) {
        if (joined.includes(UserName!)) continue;
        await iam().send(new AddUserToGroupCommand({ GroupName: name, UserName }));
        setJoined((j) => [...j, UserName!]);
      }
      await attachAll({ kind: "group", name }, policies);
    });
    if (!good) return;
    notify("success", `${name} user group created.`, <Button onClick={() => go(at("groups", name))}>View group</Button>);
    go("/groups");
  };
  return (
    <Page title="Create user group" above={[["User groups", "/groups"]]}>
      <LeavePage filled={name !== "" || users.length > 0 || policies.length > 0} />
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => go(made ? at("groups", name) : "/groups")}>{made ? "Go to the group" : "Cancel"}</Button>
            <ActionButton action="iam:CreateGroup" variant="primary" loading={busy} onClick={() => void create()}>
              {made ? "Retry" : "Create user group"}
            </ActionButton>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          <Container header={<Header>Name the group</Header>}>
            <FormField label="User group name" description="Enter a meaningful name to identify this group." constraintText={nameRule("group")} errorText={asked && fault}>
              <Input value={name} disabled={made} spellcheck={false} autoComplete={false} onChange={(e) => setName(e.detail.value.trim())} onKeyDown={(e) => e.detail.key === "Enter" && void create()} />
            </FormField>
          </Container>
          <UserTable
            header="Add users to the group - optional"
            description="An IAM user is an entity that you create in AWS to represent the person or application that uses it to interact with AWS."
            selected={users}
            onSelect={setUsers}
          />
          <PolicyPicker
            header="Attach permissions policies - optional"
            description="You can attach up to 10 policies to this user group. All the users in this group will have permissions that are defined in the selected policies."
            selected={policies}
            onChange={setPolicies}
          />
          <ErrorAlert error={error} header={made ? `The group ${name} is made, but not all of it could be done` : "The group was not created"} />
        </SpaceBetween>
      </Form>
    </Page>
  );
}
