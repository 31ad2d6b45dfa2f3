// Who has a policy, as a policy or as a boundary; and whoever could have it.
import { paginateListEntitiesForPolicy, paginateListGroups, paginateListRoles, paginateListUsers, type PolicyUsageType } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import type { Kind } from "../permissions/principal";
import { collect } from "../shared/load";

export interface Entity {
  kind: Kind;
  name: string;
}

export const kindNames: Record<Kind, string> = { user: "User", group: "User group", role: "Role" };

export function listEntities(arn: string, usage: PolicyUsageType): Promise<Entity[]> {
  return collect(paginateListEntitiesForPolicy({ client: iam(), pageSize: 1000 }, { PolicyArn: arn, PolicyUsageFilter: usage }), (p) => [
    ...(p.PolicyUsers ?? []).map((u): Entity => ({ kind: "user", name: u.UserName! })),
    ...(p.PolicyGroups ?? []).map((g): Entity => ({ kind: "group", name: g.GroupName! })),
    ...(p.PolicyRoles ?? []).map((r): Entity => ({ kind: "role", name: r.RoleName! })),
  ]);
}

/** Users, groups and roles of the account that a policy can be put on. Roles of
 * AWS's services are not among them: nobody may change these. */
export async function allEntities(groupsToo: boolean): Promise<Entity[]> {
  const client = iam();
  const config = { client, pageSize: 1000 };
  const [users, groups, roles] = await Promise.all([
    collect(paginateListUsers(config, {}), (p) => p.Users),
    groupsToo ? collect(paginateListGroups(config, {}), (p) => p.Groups) : [],
    collect(paginateListRoles(config, {}), (p) => p.Roles),
  ]);
  return [
    ...users.map((u): Entity => ({ kind: "user", name: u.UserName! })),
    ...groups.map((g): Entity => ({ kind: "group", name: g.GroupName! })),
    ...roles.filter((r) => !r.Path!.startsWith("/aws-service-role/")).map((r): Entity => ({ kind: "role", name: r.RoleName! })),
  ];
}
