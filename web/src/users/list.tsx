import { paginateListUsers, type User } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "../aws";
import { useSession } from "../session";
import { ActionButton } from "../shared/action-button";
import { href } from "../shared/link";
import { collect, useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { ResourceTable } from "../shared/resource-table";
import { hiddenAtFirst, userColumns } from "./columns";
import { DeleteUsers } from "./delete-users";
import { forgetFacts } from "./facts";

/** All users of the account. */
export default function Users() {
  const { account } = useSession()!;
  const users = useLoad(() => collect(paginateListUsers({ client: iam(), pageSize: 1000 }, {}), (p) => p.Users), []);
  const [selected, setSelected] = useState<User[]>([]);
  const [deleting, setDeleting] = useState<User[]>();
  const reload = () => {
    forgetFacts();
    setSelected([]);
    users.reload();
  };
  const create = (variant: "primary" | "normal") => (
    <ActionButton action="iam:CreateUser" resource={`arn:aws:iam::${account.id}:user/*`} variant={variant} href={href("/users/create")}>
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
        columns={userColumns}
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
