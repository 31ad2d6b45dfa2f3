import { paginateListUsers, type User } from "@aws-sdk/client-iam";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { iam } from "../aws";
import { collect, useLoad } from "../shared/load";
import { ResourceTable } from "../shared/resource-table";
import { permissionsOf, type Permissions } from "./attach";
import { typeOf } from "./policy-type";

interface Props {
  selected: string | undefined;
  onChange: (user: string | undefined) => void;
  /** A user that is not offered. */
  without?: string;
}

/** All users, to choose the one whose permissions are copied. */
export function UserPicker({ selected, onChange, without }: Props) {
  const users = useLoad(() => collect(paginateListUsers({ client: iam(), pageSize: 1000 }, {}), (p) => p.Users), []);
  const offered = users.data?.filter((u) => u.UserName !== without);
  return (
    <ResourceTable<User>
      noun="users"
      header="Copy permissions from user"
      description="Group memberships, attached managed policies and inline policies of the chosen user are copied."
      items={offered}
      loading={users.loading}
      error={users.error}
      onReload={users.reload}
      idOf={(u) => u.UserName!}
      filterText={(u) => u.UserName!}
      selection="single"
      selected={offered?.filter((u) => u.UserName === selected) ?? []}
      onSelect={(items) => onChange(items[0]?.UserName)}
      pageSize={10}
      empty="There is no other user to copy permissions from."
      columns={[
        { id: "name", header: "User name", isRowHeader: true, sortingField: "UserName", cell: (u) => u.UserName },
        { id: "permissions", header: "Groups and policies", cell: (u) => <Has user={u.UserName!} /> },
      ]}
    />
  );
}

/** What a user has, in short; asked for only where it is shown. */
function Has({ user }: { user: string }) {
  const all = useLoad(() => permissionsOf(user), [user]);
  if (all.error !== undefined) return <StatusIndicator type="warning">not known</StatusIndicator>;
  return all.data ? namesOf(all.data).map((x) => x.name).join(", ") || "-" : <StatusIndicator type="loading">Loading</StatusIndicator>;
}

export interface Named {
  name: string;
  type: string;
}

export function namesOf(p: Permissions): Named[] {
  return [
    ...p.groups.map((name) => ({ name, type: "Group" })),
    ...p.policies.map(({ name, arn }) => ({ name, type: typeOf(arn) })),
    ...p.inline.map((name) => ({ name, type: "Customer inline" })),
  ];
}
