import { GetGroupCommand, type Group } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { iam } from "../aws";
import { Missing } from "../permissions/missing";
import { PermissionsTab } from "../permissions/permissions-tab";
import { LastAccessedTab } from "../reports/last-accessed-tab";
import { ActionButton } from "../shared/action-button";
import { forgetAllowed } from "../shared/allowed";
import { Copy } from "../shared/copy";
import { at, go } from "../shared/link";
import { useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { useSection } from "../shared/section";
import { showTime } from "../shared/time";
import { DeleteGroups } from "./delete-groups";
import { RenameGroup } from "./rename";
import { UsersTab } from "./users-tab";

const above: [string, string][] = [["User groups", "/groups"]];

/** A group's page. */
export default function GroupPage() {
  const name = useParam("name");
  return <OfGroup key={name} name={name} />;
}

function OfGroup({ name }: { name: string }) {
  const group = useLoad(async () => (await iam().send(new GetGroupCommand({ GroupName: name, MaxItems: 1 }))).Group!, [name]);
  if (group.error !== undefined && !group.data) return <Missing kind="group" name={name} error={group.error} onRetry={group.reload} />;
  if (!group.data) return <Page title={name} above={above}><Box textAlign="center"><Spinner size="large" /></Box></Page>;
  return <Shown group={group.data} onChange={group.reload} />;
}

function Shown({ group, onChange }: { group: Group; onChange: () => void }) {
  const name = group.GroupName!;
  const [tab, setTab] = useSection(at("groups", name), ["users", "permissions", "last-accessed"]);
  const [open, setOpen] = useState<"delete" | "rename">();
  return (
    <Page
      title={name}
      above={above}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="refresh" ariaLabel="Refresh group" onClick={() => (forgetAllowed(), onChange())} />
          <ActionButton action="iam:UpdateGroup" resource={group.Arn} onClick={() => setOpen("rename")}>Edit</ActionButton>
          <ActionButton action="iam:DeleteGroup" resource={group.Arn} onClick={() => setOpen("delete")}>Delete</ActionButton>
        </SpaceBetween>
      }
    >
      <Container header={<Header>Summary</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: "User group name", value: <span className="break-anywhere">{name}</span> },
            { label: "Creation time", value: showTime(group.CreateDate) },
            { label: "ARN", value: <Copy text={group.Arn!} label="ARN" /> },
          ]}
        />
      </Container>
      <Tabs
        ariaLabel="User group"
        activeTabId={tab}
        onChange={(e) => setTab(e.detail.activeTabId)}
        tabs={[
          { id: "users", label: "Users", content: <UsersTab group={group} /> },
          { id: "permissions", label: "Permissions", content: <PermissionsTab principal={{ kind: "group", name, arn: group.Arn!, path: group.Path }} /> },
          { id: "last-accessed", label: "Access Advisor", content: <LastAccessedTab arn={group.Arn!} /> },
        ]}
      />
      {open === "delete" && <DeleteGroups names={[name]} onCancel={() => setOpen(undefined)} onDone={() => go("/groups")} />}
      {open === "rename" && <RenameGroup group={group} onCancel={() => setOpen(undefined)} onDone={(n) => (n === name ? (setOpen(undefined), onChange()) : go(at("groups", n)))} />}
    </Page>
  );
}
