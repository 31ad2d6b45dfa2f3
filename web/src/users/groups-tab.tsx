import { paginateListGroupsForUser, RemoveUserFromGroupCommand, type Group } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "../aws";
import { GroupPolicies } from "../groups/group-facts";
import { GroupPicker } from "../groups/group-picker";
import { joinAll } from "../permissions/attach";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { ErrorAlert } from "../shared/errors";
import { at, follow, link } from "../shared/link";
import { collect, useLoad, useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { ResourceTable } from "../shared/resource-table";

/** The groups that a user is in. */
export function GroupsTab({ userName, arn }: { userName: string; arn: string }) {
  const groups = useLoad(() => collect(paginateListGroupsForUser({ client: iam() }, { UserName: userName }), (p) => p.Groups), [userName]);
  const [selected, setSelected] = useState<Group[]>([]);
  const [open, setOpen] = useState<"add" | "remove">();
  const names = selected.map((g) => g.GroupName!);
  const done = (text: string) => {
    setOpen(undefined);
    setSelected([]);
    groups.reload();
    notify("success", text);
  };
  const leave = async () => {
    for (const GroupName of names) await iam().send(new RemoveUserFromGroupCommand({ UserName: userName, GroupName }));
  };
  return (
    <>
      <ResourceTable<Group>
        noun="groups"
        header="User groups membership"
        description="A user group is a collection of IAM users. Use groups to specify permissions for a collection of users. A user can be a member of up to 10 groups at a time."
        items={groups.data}
        loading={groups.loading}
        error={groups.error}
        onReload={groups.reload}
        idOf={(g) => g.GroupName!}
        filterText={(g) => g.GroupName!}
        selection="multi"
        selected={selected}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <ActionButton action="iam:RemoveUserFromGroup" resource={selected[0]?.Arn} disabled={names.length === 0} disabledReason="Select one or more groups" onClick={() => setOpen("remove")}>
              Remove
            </ActionButton>
            <ActionButton action="iam:AddUserToGroup" resource={arn.replace(/:user\/.*/, ":group/*")} onClick={() => setOpen("add")}>Add user to groups</ActionButton>
          </SpaceBetween>
        }
        empty={<Box textAlign="center" color="inherit"><b>No groups</b><p>This user is in no group.</p></Box>}
        columns={[
          { id: "name", header: "Group name", isRowHeader: true, sortingField: "GroupName", cell: (g) => <Link {...link(at("groups", g.GroupName!))} onFollow={follow}>{g.GroupName}</Link> },
          { id: "policies", header: "Attached policies", cell: (g) => <GroupPolicies name={g.GroupName!} /> },
        ]}
      />
      {open === "add" && <Add userName={userName} without={groups.data?.map((g) => g.GroupName!) ?? []} onCancel={() => setOpen(undefined)} onDone={(n) => done(`${userName} added to ${n} ${n === 1 ? "group" : "groups"}.`)} />}
      {open === "remove" && (
        <Confirm title={`Remove user from ${names.length === 1 ? "group" : "groups"}?`} button="Remove" work={leave} onCancel={() => setOpen(undefined)} onDone={() => done(`${userName} removed from ${names.join(", ")}.`)}>
          Remove <b>{userName}</b> from <b>{names.join(", ")}</b>? The user loses the permissions that come from there.
        </Confirm>
      )}
    </>
  );
}

function Add({ userName, without, onDone, onCancel }: { userName: string; without: string[]; onDone: (n: number) => void; onCancel: () => void }) {
  const [chosen, setChosen] = useState<string[]>([]);
  const { busy, error, run } = useWork();
  const add = async () => {
    if (await run(() => joinAll(userName, chosen))) onDone(chosen.length);
  };
  return (
    <Modal
      visible
      size="large"
      header={`Add ${userName} to groups`}
      closeAriaLabel="Close"
      onDismiss={onCancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onCancel}>Cancel</Button>
            <Button variant="primary" loading={busy} disabled={chosen.length === 0} disabledReason="Select one or more groups" onClick={() => void add()}>Add to groups</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <ErrorAlert error={error} />
        <GroupPicker selected={chosen} onChange={setChosen} without={without} />
      </SpaceBetween>
    </Modal>
  );
}
