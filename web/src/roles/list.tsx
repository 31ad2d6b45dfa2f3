import { paginateListRoles, type Role } from "@aws-sdk/client-iam";
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
import { DeleteRoles } from "./delete-roles";
import { LastActivity } from "./last-activity";
import { linkedService, plainDocument, principals, trustedEntity } from "./trust";

/** A role with what the list shows of its trust policy. */
interface Row extends Role {
  trusted: string[];
}

async function load(): Promise<Row[]> {
  const roles = await collect(paginateListRoles({ client: iam(), pageSize: 1000 }, {}), (p) => p.Roles);
  return roles.map((r) => ({ ...r, trusted: trusted(r) }));
}

function trusted(role: Role): string[] {
  const all = principals(plainDocument(role.AssumeRolePolicyDocument)).map(([kind, value]) => trustedEntity(kind, value));
  return linkedService(role.Path) ? all.map((t) => `${t} (Service-Linked Role)`) : all;
}

export default function Roles() {
  const roles = useLoad(load, []);
  const [selected, setSelected] = useState<Row[]>([]);
  const [deleting, setDeleting] = useState(false);
  const create = (variant: "primary" | "normal") => (
    <ActionButton variant={variant} action="iam:CreateRole" href={href("/roles/create")}>
      Create role
    </ActionButton>
  );
  return (
    <Page title="Roles" description="An IAM role is an identity you can create that has specific permissions with credentials that are valid for short durations. Roles can be assumed by entities that you trust.">
      <ResourceTable<Row>
        noun="roles"
        header="Roles"
        items={roles.data}
        loading={roles.loading}
        error={roles.error}
        onReload={roles.reload}
        idOf={(r) => r.RoleName!}
        filterText={(r) => [r.RoleName, ...r.trusted, r.Description ?? ""].join(" ")}
        sortBy="name"
        selection="multi"
        selected={selected}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <ActionButton
              action="iam:DeleteRole"
              resource={selected.length === 1 ? selected[0]!.Arn : "*"}
              disabled={selected.length === 0}
              disabledReason="Select one or more roles first"
              onClick={() => setDeleting(true)}
            >
              Delete
            </ActionButton>
            {create("primary")}
          </SpaceBetween>
        }
        empty={
          <Box textAlign="center" padding="m">
            <SpaceBetween size="xs">
              <b>No roles</b>
              <span>A role lets a service, another account or an identity provider act in this account.</span>
              {create("normal")}
            </SpaceBetween>
          </Box>
        }
        columns={[
          {
            id: "name", header: "Role name", sortingField: "RoleName", isRowHeader: true, minWidth: 180,
            cell: (r) => <Link {...link(at("roles", r.RoleName!))} onFollow={follow}><span className="break-anywhere">{r.RoleName}</span></Link>,
          },
          {
            id: "trusted", header: "Trusted entities", minWidth: 220, sortingComparator: (a, b) => a.trusted.join().localeCompare(b.trusted.join()),
            cell: (r) => (
              <span className="break-anywhere">
                {r.trusted.slice(0, 3).join(", ") || "-"}
                {r.trusted.length > 3 && ` and ${r.trusted.length - 3} more`}
              </span>
            ),
          },
          { id: "activity", header: "Last activity", minWidth: 130, cell: (r) => <LastActivity key={r.RoleId} role={r} /> },
        ]}
      />
      {deleting && (
        <DeleteRoles
          roles={selected}
          onEnd={(gone) => {
            setDeleting(false);
            if (gone.length === 0) return;
            setSelected(selected.filter((r) => !gone.some((g) => g.RoleName === r.RoleName)));
            roles.reload();
          }}
        />
      )}
    </Page>
  );
}
