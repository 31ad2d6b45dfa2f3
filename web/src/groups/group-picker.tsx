import { paginateListGroups, type Group } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { at, link } from "../shared/link";
import { collect, useLoad } from "../shared/load";
import { ResourceTable } from "../shared/resource-table";
import { ago, showTime } from "../shared/time";
import { CreateGroupDialog } from "./create-dialog";
import { GroupPolicies } from "./group-facts";

interface Props {
  selected: string[];
  onChange: (names: string[]) => void;
  /** Groups that are not offered: one is in them already. */
  without?: string[];
}

/** All groups of the account, to choose some; a new one can be made here. */
export function GroupPicker({ selected, onChange, without }: Props) {
  const groups = useLoad(() => collect(paginateListGroups({ client: iam(), pageSize: 1000 }, {}), (p) => p.Groups), []);
  const [making, setMaking] = useState(false);
  const offered = groups.data?.filter((g) => !without?.includes(g.GroupName!));
  const create = (
    <ActionButton action="iam:CreateGroup" formAction="none" onClick={() => setMaking(true)}>
      Create group
    </ActionButton>
  );
  return (
    <>
      <ResourceTable<Group>
        noun="groups"
        header="User groups"
        items={offered}
        loading={groups.loading}
        error={groups.error}
        onReload={groups.reload}
        actions={create}
        idOf={(g) => g.GroupName!}
        filterText={(g) => g.GroupName!}
        selection="multi"
        selected={offered?.filter((g) => selected.includes(g.GroupName!)) ?? []}
        onSelect={(items) => onChange(items.map((g) => g.GroupName!))}
        pageSize={10}
        empty={
          <Box textAlign="center" padding="s" color="inherit">
            <SpaceBetween size="xxs">
              <b>{groups.data?.length ? "The user is in all groups" : "No groups"}</b>
              <span>Create a group and select policies to attach to it.</span>
            </SpaceBetween>
          </Box>
        }
        columns={[
          { id: "name", header: "Group name", isRowHeader: true, sortingField: "GroupName", cell: (g) => <Link {...link(at("groups", g.GroupName!))} external externalIconAriaLabel="Opens in a new tab">{g.GroupName}</Link> },
          { id: "policies", header: "Attached policies", cell: (g) => <GroupPolicies name={g.GroupName!} /> },
          { id: "created", header: "Created", cell: (g) => <span title={showTime(g.CreateDate)}>{ago(g.CreateDate)}</span> },
        ]}
      />
      {making && (
        <CreateGroupDialog
          onCancel={() => setMaking(false)}
          onDone={(name) => {
            setMaking(false);
            groups.reload();
            onChange([...selected, name]);
          }}
        />
      )}
    </>
  );
}
