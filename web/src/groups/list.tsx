import { paginateListGroups, type Group } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { at, follow, href, link } from "../shared/link";
import { collect, useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { ResourceTable } from "../shared/resource-table";
import { ago, showTime } from "../shared/time";
import { DeleteGroups } from "./delete-groups";
import { GroupPermissions, GroupUsers } from "./group-facts";

/** All groups of the account. */
export default function Groups() {
  const [turn, setTurn] = useState(0); // of the facts, which the rows ask for themselves
  const groups = useLoad(() => collect(paginateListGroups({ client: iam(), pageSize: 1000 }, {}), (p) => p.Groups), []);
  const [selected, setSelected] = useState<Group[]>([]);
  const [deleting, setDeleting] = useState<Group[]>();
  const reload = () => {
    setSelected([]);
    setTurn((n) => n + 1);
    groups.reload();
  };
  const create = (variant: "primary" | "normal") => (
    <ActionButton action="iam:CreateGroup" variant={variant} href={href("/groups/create")}>
      Create group
    </ActionButton>
  );
  return (
    <Page title="User groups" description="A user group is a collection of IAM users. Use groups to specify permissions for a collection of users.">
      <ResourceTable<Group>
        noun="user groups"
        header="User groups"
        items={groups.data}
        loading={groups.loading}
        error={groups.error}
        onReload={reload}
        idOf={(g) => g.GroupName!}
        filterText={(g) => `${g.GroupName} ${g.Path} ${g.Arn}`}
        pageSize={20}
        selection="multi"
        selected={selected}
        onSelect={setSelected}
        hidden={["path", "arn"]}
        columns={[
          { id: "name", header: "Group name", isRowHeader: true, sortingField: "GroupName", cell: (g) => <Link {...link(at("groups", g.GroupName!))} onFollow={follow}>{g.GroupName}</Link> },
          { id: "users", header: "Users", cell: (g) => <GroupUsers key={turn} name={g.GroupName!} /> },
          { id: "permissions", header: "Permissions", cell: (g) => <GroupPermissions key={turn} name={g.GroupName!} /> },
          { id: "path", header: "Path", sortingField: "Path", cell: (g) => g.Path },
          { id: "arn", header: "ARN", sortingField: "Arn", cell: (g) => g.Arn },
          {
            id: "created",
            header: "Creation time",
            sortingComparator: (a, b) => a.CreateDate!.getTime() - b.CreateDate!.getTime(),
            cell: (g) => <span title={showTime(g.CreateDate)}>{ago(g.CreateDate)}</span>,
          },
        ]}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <ActionButton action="iam:DeleteGroup" resource={selected[0]?.Arn} disabled={selected.length === 0} disabledReason="Select one or more groups" onClick={() => setDeleting(selected)}>
              Delete
            </ActionButton>
            {create("primary")}
          </SpaceBetween>
        }
        empty={
          <Box textAlign="center" padding="m" color="inherit">
            <SpaceBetween size="m">
              <SpaceBetween size="xxs">
                <b>No groups</b>
                <span>Users of a group have its permissions: give them once, to many.</span>
              </SpaceBetween>
              {create("normal")}
            </SpaceBetween>
          </Box>
        }
      />
      {deleting && (
        <DeleteGroups
          names={deleting.map((g) => g.GroupName!)}
          onCancel={() => {
            setDeleting(undefined);
            reload();
          }}
          onDone={() => {
            setDeleting(undefined);
            reload();
          }}
        />
      )}
    </Page>
  );
}
