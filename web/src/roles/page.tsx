import { GetRoleCommand, ListRoleTagsCommand, paginateListInstanceProfilesForRole, TagRoleCommand, UntagRoleCommand, type Role } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { iam } from "../aws";
import { Missing } from "../permissions/missing";
import { PermissionsTab } from "../permissions/permissions-tab";
import { LastAccessedTab } from "../reports/last-accessed-tab";
import { ActionButton } from "../shared/action-button";
import { ErrorAlert, isMissing } from "../shared/errors";
import { at, go } from "../shared/link";
import { collect, useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { useSection } from "../shared/section";
import { TagsTab, type Tag } from "../shared/tags";
import { EditRole } from "./edit-role";
import { DeleteRoles } from "./delete-roles";
import { RevokeTab } from "./revoke-tab";
import { Summary } from "./summary";
import { linkedService } from "./trust";
import { TrustTab } from "./trust-tab";

const above: [string, string][] = [["Roles", "/roles"]];

/** A role, by its name. */
export default function RolePage() {
  const name = useParam("name");
  const role = useLoad(async () => (await iam().send(new GetRoleCommand({ RoleName: name }))).Role!, [name]);
  if (role.error !== undefined && (!role.data || isMissing(role.error))) return <Missing kind="role" name={name} error={role.error} onRetry={role.reload} />;
  if (!role.data) return <Page title={name} above={above}><Box textAlign="center"><Spinner size="large" /></Box></Page>;
  return <Shown role={role.data} reload={role.reload} error={role.error} />;
}

function Shown({ role, reload, error }: { role: Role; reload: () => void; error: unknown }) {
  const [dialog, setDialog] = useState<"edit" | "delete">();
  const name = role.RoleName!;
  const arn = role.Arn!;
  const linked = linkedService(role.Path) !== undefined;
  const [tab, setTab] = useSection(at("roles", name), ["permissions", "trust-relationships", "tags", "last-accessed", "revoke-sessions"]);
  const profiles = useLoad(() => collect(paginateListInstanceProfilesForRole({ client: iam() }, { RoleName: name }), (p) => p.InstanceProfiles), [name]);
  return (
    <Page
      title={name}
      above={above}
      description={role.Description}
      actions={
        <ActionButton action={linked ? "iam:DeleteServiceLinkedRole" : "iam:DeleteRole"} resource={arn} onClick={() => setDialog("delete")}>
          Delete
        </ActionButton>
      }
    >
      <ErrorAlert error={error} onRetry={reload} />
      {linked && (
        <Alert type="info">
          This is a service-linked role: <b>{linkedService(role.Path)}</b> defines what it may do and who may assume it. You can edit its description, and delete it when the service
          no longer uses it.
        </Alert>
      )}
      <Summary role={role} profiles={profiles} onEdit={() => setDialog("edit")} />
      <Tabs
        ariaLabel="Role"
        activeTabId={tab}
        onChange={(e) => setTab(e.detail.activeTabId)}
        tabs={[
          { id: "permissions", label: "Permissions", content: <PermissionsTab principal={{ kind: "role", name, arn, path: role.Path }} onChange={reload} /> },
          { id: "trust-relationships", label: "Trust relationships", content: <TrustTab role={role} linked={linked} /> },
          {
            id: "tags",
            label: "Tags",
            content: (
              <TagsTab
                tagAction="iam:TagRole"
                untagAction="iam:UntagRole"
                resource={arn}
                load={() => loadTags(name)}
                tag={(Tags) => iam().send(new TagRoleCommand({ RoleName: name, Tags }))}
                untag={(TagKeys) => iam().send(new UntagRoleCommand({ RoleName: name, TagKeys }))}
              />
            ),
          },
          { id: "last-accessed", label: "Last Accessed", content: <LastAccessedTab arn={arn} /> },
          { id: "revoke-sessions", label: "Revoke sessions", content: <RevokeTab role={role} linked={linked} /> },
        ]}
      />
      {dialog === "edit" && <EditRole role={role} linked={linked} onEnd={(changed) => (setDialog(undefined), changed && reload())} />}
      {dialog === "delete" && (
        <DeleteRoles
          roles={[role]}
          onEnd={(gone) => {
            setDialog(undefined);
            if (gone.length > 0) go("/roles");
          }}
        />
      )}
    </Page>
  );
}

async function loadTags(RoleName: string): Promise<Tag[]> {
  const all: Tag[] = [];
  for (let Marker: string | undefined, more = true; more; ) {
    const page = await iam().send(new ListRoleTagsCommand({ RoleName, Marker }));
    all.push(...(page.Tags ?? []).map((t) => ({ Key: t.Key!, Value: t.Value! })));
    Marker = page.Marker;
    more = page.IsTruncated === true;
  }
  return all;
}
