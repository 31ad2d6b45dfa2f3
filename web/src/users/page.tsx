import { GetUserCommand, paginateListUserTags, TagUserCommand, UntagUserCommand, type User } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { iam } from "../aws";
import { Missing } from "../permissions/missing";
import { PermissionsTab } from "../permissions/permissions-tab";
import { LastAccessedTab } from "../reports/last-accessed-tab";
import { useSession } from "../session";
import { ActionButton } from "../shared/action-button";
import { forgetAllowed } from "../shared/allowed";
import { at, go } from "../shared/link";
import { collect, useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { useSection } from "../shared/section";
import { TagsTab, type Tag } from "../shared/tags";
import { keysOf } from "./credentials/keys";
import { loginOf } from "./credentials/login";
import type { Owner } from "./credentials/owner";
import { DeleteUsers } from "./delete-users";
import { GroupsTab } from "./groups-tab";
import { RenameUser } from "./rename";
import { SecurityCredentialsTab } from "./security-credentials-tab";
import { Summary } from "./summary";

const above: [string, string][] = [["Users", "/users"]];

/** A user's page. */
export default function UserPage() {
  const name = useParam("name");
  return <OfUser key={name} name={name} />;
}

function OfUser({ name }: { name: string }) {
  const user = useLoad(async () => (await iam().send(new GetUserCommand({ UserName: name }))).User!, [name]);
  if (user.error !== undefined && !user.data) return <Missing kind="user" name={name} error={user.error} onRetry={user.reload} />;
  if (!user.data) return <Page title={name} above={above}><Box textAlign="center"><Spinner size="large" /></Box></Page>;
  return <Shown user={user.data} onChange={user.reload} />;
}

function Shown({ user, onChange }: { user: User; onChange: () => void }) {
  const name = user.UserName!;
  const { account } = useSession()!;
  const [tab, setTab] = useSection(at("users", name), ["permissions", "groups", "tags", "security-credentials", "last-accessed"]);
  const [open, setOpen] = useState<"delete" | "rename">();
  const owner: Owner & { userName: string } = { userName: name, arn: user.Arn!, account: account.id };
  const login = useLoad(() => loginOf(name), [name]);
  const keys = useLoad(() => keysOf(owner), [name]);
  const tags = () => collect(paginateListUserTags({ client: iam() }, { UserName: name }), (p) => p.Tags as Tag[]);
  return (
    <Page
      title={name}
      above={above}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="refresh" ariaLabel="Refresh user" onClick={() => (forgetAllowed(), onChange(), login.reload(), keys.reload())} />
          <ActionButton action="iam:UpdateUser" resource={user.Arn} onClick={() => setOpen("rename")}>Rename</ActionButton>
          <ActionButton action="iam:DeleteUser" resource={user.Arn} onClick={() => setOpen("delete")}>Delete</ActionButton>
        </SpaceBetween>
      }
    >
      <Summary user={user} owner={owner} login={login} keys={keys} />
      <Tabs
        ariaLabel="User"
        activeTabId={tab}
        onChange={(e) => setTab(e.detail.activeTabId)}
        tabs={[
          { id: "permissions", label: "Permissions", content: <PermissionsTab principal={{ kind: "user", name, arn: user.Arn!, path: user.Path }} onChange={onChange} /> },
          { id: "groups", label: "Groups", content: <GroupsTab userName={name} arn={user.Arn!} /> },
          {
            id: "tags",
            label: "Tags",
            content: (
              <TagsTab
                tagAction="iam:TagUser"
                untagAction="iam:UntagUser"
                resource={user.Arn!}
                load={tags}
                tag={(Tags) => iam().send(new TagUserCommand({ UserName: name, Tags }))}
                untag={(TagKeys) => iam().send(new UntagUserCommand({ UserName: name, TagKeys }))}
              />
            ),
          },
          { id: "security-credentials", label: "Security credentials", content: <SecurityCredentialsTab user={user} owner={owner} login={login} keys={keys} onChange={() => (login.reload(), onChange())} /> },
          { id: "last-accessed", label: "Last Accessed", content: <LastAccessedTab arn={user.Arn!} /> },
        ]}
      />
      {open === "delete" && <DeleteUsers users={[user]} onCancel={() => setOpen(undefined)} onEnd={() => go("/users")} />}
      {open === "rename" && <RenameUser user={user} onCancel={() => setOpen(undefined)} onDone={(n) => (n === name ? (setOpen(undefined), onChange()) : go(at("users", n)))} />}
    </Page>
  );
}
