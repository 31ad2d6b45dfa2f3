import { AddUserToGroupCommand, paginateGetGroup, RemoveUserFromGroupCommand, type Group, type User } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { forgetAllowed } from "../shared/allowed";
import { Confirm } from "../shared/confirm";
import { ErrorAlert } from "../shared/errors";
import { at, follow, link } from "../shared/link";
import { collect, useLoad, useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { ResourceTable } from "../shared/resource-table";
import { ago, showTime } from "../shared/time";
import { UserTable } from "./user-table";

/** The users in a group. */
export function UsersTab({ group }: { group: Group }) {
  const GroupName = group.GroupName!;
  const users = useLoad(() => collect(paginateGetGroup({ client: iam(), pageSize: 1000 }, { GroupName }), (p) => p.Users), [GroupName]);
  const [selected, setSelected] = useState<User[]>([]);
  const [open, setOpen] = useState<"add" | "remove">();
  const names = selected.map((u) => u.UserName!);
  const done = (text: string) => {
    setOpen(undefined);
    setSelected([]);
    forgetAllowed();
    users.reload();
    notify("success", text);
  };
  const remove = async () => {
    for (const UserName of names) await iam().send(new RemoveUserFromGroupCommand({ GroupName, UserName }));
  };
  return (
    <>
      <ResourceTable<User>
        noun="users"
        header="Users in this group"
        description="An IAM user is an entity that you create in AWS to represent the person or application that uses it to interact with AWS."
        items={users.data}
        loading={users.loading}
        error={users.error}
        onReload={users.reload}
        idOf={(u) => u.UserName!}
        filterText={(u) => u.UserName!}
        selection="multi"
        selected={selected}
        onSelect={setSelected}
        empty={<Box textAlign="center" color="inherit"><b>No users</b><p>Add users to give them the permissions of this group.</p></Box>}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <ActionButton action="iam:RemoveUserFromGroup" resource={group.Arn} disabled={names.length === 0} disabledReason="Select one or more users" onClick={() => setOpen("remove")}>
              Remove
            </ActionButton>
            <ActionButton action="iam:AddUserToGroup" resource={group.Arn} onClick={() => setOpen("add")}>Add users</ActionButton>
          </SpaceBetween>
        }
        columns={[
          { id: "name", header: "User name", isRowHeader: true, sortingField: "UserName", cell: (u) => <Link {...link(at("users", u.UserName!))} onFollow={follow}>{u.UserName}</Link> },
          { id: "signin", header: "Console last sign-in", cell: (u) => <span title={showTime(u.PasswordLastUsed)}>{ago(u.PasswordLastUsed)}</span> },
          { id: "created", header: "Creation time", cell: (u) => <span title={showTime(u.CreateDate)}>{ago(u.CreateDate)}</span> },
        ]}
      />
      {open === "add" && (
        <Add groupName={GroupName} without={users.data?.map((u) => u.UserName!) ?? []} onCancel={() => (setOpen(undefined), users.reload())} onDone={(n) => done(`${n} ${n === 1 ? "user" : "users"} added to this group.`)} />
      )}
      {open === "remove" && (
        <Confirm title={`Remove ${names.length === 1 ? names[0] : `${names.length} users`} from the group?`} button="Remove" work={remove} onCancel={() => (setOpen(undefined), users.reload())} onDone={() => done(`${names.length} ${names.length === 1 ? "user" : "users"} removed from this group.`)}>
          They lose the permissions that come from <b>{GroupName}</b>. The users themselves stay.
        </Confirm>
      )}
    </>
  );
}

function Add({ groupName, without, onDone, onCancel }: { groupName: string; without: string[]; onDone: (n: number) => void; onCancel: () => void }) {
  const [chosen, setChosen] = useState<User[]>([]);
  const { busy, error, run } = useWork();
  const add = async () => {
    const good = await run(async () => {
      for (const { UserName } of chosen) await iam().send(new AddUserToGroupCommand({ GroupName: groupName, UserName }));
    });
    if (good) onDone(chosen.length);
  };
  return (
    <Modal
      visible
      size="large"
      header={`Add users to ${groupName}`}
      closeAriaLabel="Close"
      onDismiss={onCancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onCancel}>Cancel</Button>
            <Button variant="primary" loading={busy} disabled={chosen.length === 0} disabledReason="Select one or more users" onClick={() => void add()}>Add users</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <ErrorAlert error={error} />
        <UserTable header="Other users in this account" selected={chosen} onSelect={setChosen} without={without} />
      </SpaceBetween>
    </Modal>
  );
}
