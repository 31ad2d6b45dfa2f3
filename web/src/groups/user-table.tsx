import { paginateListUsers, type User } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { collect, useLoad } from "../shared/load";
import { ResourceTable } from "../shared/resource-table";
import { ago, showTime } from "../shared/time";

interface Props {
  header: string;
  description?: string;
  selected: User[];
  onSelect: (users: User[]) => void;
  /** Names of users that are not offered. */
  without?: string[];
}

/** The users of the account, to choose some. */
export function UserTable({ header, description, selected, onSelect, without }: Props) {
  const users = useLoad(() => collect(paginateListUsers({ client: iam(), pageSize: 1000 }, {}), (p) => p.Users), []);
  return (
    <ResourceTable<User>
      noun="users"
      header={header}
      description={description}
      items={without ? users.data?.filter((u) => !without.includes(u.UserName!)) : users.data}
      loading={users.loading}
      error={users.error}
      onReload={users.reload}
      idOf={(u) => u.UserName!}
      filterText={(u) => u.UserName!}
      pageSize={10}
      selection="multi"
      selected={selected}
      onSelect={onSelect}
      empty="There are no users to add."
      columns={[
        { id: "name", header: "User name", isRowHeader: true, sortingField: "UserName", cell: (u) => u.UserName },
        { id: "activity", header: "Console last sign-in", cell: (u) => <span title={showTime(u.PasswordLastUsed)}>{ago(u.PasswordLastUsed)}</span> },
        { id: "created", header: "Creation time", cell: (u) => <span title={showTime(u.CreateDate)}>{ago(u.CreateDate)}</span> },
      ]}
    />
  );
}
