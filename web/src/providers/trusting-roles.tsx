import type { Role } from "@aws-sdk/client-iam";
import Link from "@cloudscape-design/components/link";
import { ResourceTable } from "../shared/resource-table";
import { at, follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { LastActivity } from "../roles/last-activity";
import { rolesThatTrust } from "./providers";

/** The roles that people or workloads of a provider can assume. */
export function TrustingRoles({ arn }: { arn: string }) {
  const roles = useLoad(() => rolesThatTrust(arn), [arn]);
  return (
    <ResourceTable<Role>
      noun="roles"
      header="Roles that trust this provider"
      items={roles.data}
      loading={roles.loading}
      error={roles.error}
      onReload={roles.reload}
      idOf={(r) => r.RoleName!}
      filterText={(r) => r.RoleName!}
      empty="No role trusts this provider. Assign one: without it, nobody gets in through the provider."
      columns={[
        {
          id: "name", header: "Role name", sortingField: "RoleName", isRowHeader: true,
          cell: (r) => <Link {...link(at("roles", r.RoleName!))} onFollow={follow}><span className="break-anywhere">{r.RoleName}</span></Link>,
        },
        { id: "activity", header: "Last activity", cell: (r) => <LastActivity key={r.RoleId} role={r} /> },
      ]}
    />
  );
}
