import { paginateListUsers, type User } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { href } from "../shared/link";
import { collect, useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { ResourceTable } from "../shared/resource-table";
import { factToSortBy, hiddenAtFirst, userColumns } from "./columns";
import { DeleteUsers } from "./delete-users";
import { forgetFacts, useFacts } from "./facts";

/** Of more users than this, what ListUsers doesn't tell is asked for only as they are shown. */
const most = 500;

/** All users of the account. */
export default function Users() {
  const users = useLoad(() => collect(paginateListUsers({ client: iam(), pageSize: 1000 }, {}), (p) => p.Users), []);
  const [selected, setSelected] = useState<User[]>([]);
  const [sorted, setSorted] = useState<string>();
  const names = useMemo(() => (users.data ?? []).map((u) => u.UserName!), [users.data]);
  const few = names.length <= most;
  const by = few ? factToSortBy(sorted) : undefined;
  const ready = useFacts(by, names);
  const [deleting, setDeleting] = useState<User[]>();
  const reload = () => {
    forgetFacts();
    setSelected([]);
    users.reload();
  };
  const create = (variant: "primary" | "normal") => (
    <ActionButton action="iam:CreateUser" variant={variant} href={href("/users/create")}>
      Create user
    </ActionButton>
  );
  return (
    <Page title="Users" description="An IAM user is an identity with long-term credentials that is used to interact with AWS in an account.">
      <ResourceTable<User>
        noun="users"
        header="Users"
        items={users.data}
        loading={users.loading}
        error={users.error}
        onReload={reload}
        columns={userColumns(few, ready)}
        onSort={setSorted}
        description={few ? by && !ready && <span aria-live="polite">Loading what to sort by</span> : `With more than ${most} users, the list is sorted by what it knows of all: name, path, console last sign-in, ARN and creation time.`}
        hidden={hiddenAtFirst}
        idOf={(u) => u.UserName!}
        filterText={(u) => `${u.UserName} ${u.Path} ${u.Arn} ${u.UserId}`}
        pageSize={20}
        selection="multi"
        selected={selected}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <ActionButton
              action="iam:DeleteUser"
              resource={selected[0]?.Arn}
              disabled={selected.length === 0}
              disabledReason="Select one or more users"
              onClick={() => setDeleting(selected)}
            >
              Delete
            </ActionButton>
            {create("primary")}
          </SpaceBetween>
        }
        empty={
          <Box textAlign="center" padding="m" color="inherit">
            <SpaceBetween size="m">
              <SpaceBetween size="xxs">
                <b>No users</b>
                <span>A user is a person or program that calls AWS by keys of its own.</span>
              </SpaceBetween>
              {create("normal")}
            </SpaceBetween>
          </Box>
        }
      />
      {deleting && (
        <DeleteUsers
          users={deleting}
          onCancel={() => setDeleting(undefined)}
          onEnd={() => {
            setDeleting(undefined);
            reload();
          }}
          onSome={reload}
        />
      )}
    </Page>
  );
}
