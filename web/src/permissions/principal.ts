// What a user, a group and a role have in common: policies that are attached to
// them, inline policies of their own, and, but for groups, a permissions boundary.
import {
  AttachGroupPolicyCommand, AttachRolePolicyCommand, AttachUserPolicyCommand,
  DeleteGroupPolicyCommand, DeleteRolePermissionsBoundaryCommand, DeleteRolePolicyCommand,
  DeleteUserPermissionsBoundaryCommand, DeleteUserPolicyCommand,
  DetachGroupPolicyCommand, DetachRolePolicyCommand, DetachUserPolicyCommand,
  GetGroupCommand, GetGroupPolicyCommand, GetRoleCommand, GetRolePolicyCommand, GetUserCommand, GetUserPolicyCommand,
  paginateListAttachedGroupPolicies, paginateListAttachedRolePolicies, paginateListAttachedUserPolicies,
  paginateListGroupPolicies, paginateListRolePolicies, paginateListUserPolicies,
  PutGroupPolicyCommand, PutRolePermissionsBoundaryCommand, PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand, PutUserPolicyCommand,
  type AttachedPolicy,
} from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { at } from "../shared/link";
import { collect } from "../shared/load";

export type Kind = "user" | "group" | "role";

export interface Principal {
  kind: Kind;
  name: string;
  arn: string;
  path?: string;
}

/** What the calls about one kind are named by: "iam:Attach" + "User" + "Policy". */
export const nounOf: Record<Kind, string> = { user: "User", group: "Group", role: "Role" };

/** As sentences have it: "user group". */
export const wordOf: Record<Kind, string> = { user: "user", group: "user group", role: "role" };

/** The list that a kind's pages stand below: its name and path. */
export const listOf: Record<Kind, [name: string, path: string]> = {
  user: ["Users", "/users"],
  group: ["User groups", "/groups"],
  role: ["Roles", "/roles"],
};

/** The kind that the first part of a page's path names. */
export function kindOf(part: string | undefined): Kind | undefined {
  return ({ users: "user", groups: "group", roles: "role" } as Record<string, Kind>)[part ?? ""];
}

export function pathOf(p: Pick<Principal, "kind" | "name">, ...below: string[]): string {
  return at(p.kind + "s", p.name, ...below);
}

/** The principal of a name, and the ARN of its boundary; refused when there is none of that name. */
export async function findPrincipal(kind: Kind, name: string): Promise<Principal & { boundary?: string }> {
  if (kind === "user") {
    const { User } = await iam().send(new GetUserCommand({ UserName: name }));
    return { kind, name, arn: User!.Arn!, path: User!.Path, boundary: User!.PermissionsBoundary?.PermissionsBoundaryArn };
  }
  if (kind === "role") {
    const { Role } = await iam().send(new GetRoleCommand({ RoleName: name }));
    return { kind, name, arn: Role!.Arn!, path: Role!.Path, boundary: Role!.PermissionsBoundary?.PermissionsBoundaryArn };
  }
  const { Group } = await iam().send(new GetGroupCommand({ GroupName: name, MaxItems: 1 }));
  return { kind, name, arn: Group!.Arn!, path: Group!.Path };
}

type Named = Pick<Principal, "kind" | "name">;

export function listAttached({ kind, name }: Named): Promise<AttachedPolicy[]> {
  const client = iam();
  if (kind === "user") return collect(paginateListAttachedUserPolicies({ client }, { UserName: name }), (p) => p.AttachedPolicies);
  if (kind === "role") return collect(paginateListAttachedRolePolicies({ client }, { RoleName: name }), (p) => p.AttachedPolicies);
  return collect(paginateListAttachedGroupPolicies({ client }, { GroupName: name }), (p) => p.AttachedPolicies);
}

/** The names of inline policies. */
export function listInline({ kind, name }: Named): Promise<string[]> {
  const client = iam();
  if (kind === "user") return collect(paginateListUserPolicies({ client }, { UserName: name }), (p) => p.PolicyNames);
  if (kind === "role") return collect(paginateListRolePolicies({ client }, { RoleName: name }), (p) => p.PolicyNames);
  return collect(paginateListGroupPolicies({ client }, { GroupName: name }), (p) => p.PolicyNames);
}

/** An inline policy's document, as it was written. */
export async function getInline({ kind, name }: Named, PolicyName: string): Promise<string> {
  const client = iam();
  const out =
    kind === "user" ? await client.send(new GetUserPolicyCommand({ UserName: name, PolicyName }))
    : kind === "role" ? await client.send(new GetRolePolicyCommand({ RoleName: name, PolicyName }))
    : await client.send(new GetGroupPolicyCommand({ GroupName: name, PolicyName }));
  return decodeURIComponent(out.PolicyDocument!);
}

export async function putInline({ kind, name }: Named, PolicyName: string, PolicyDocument: string): Promise<void> {
  const client = iam();
  if (kind === "user") await client.send(new PutUserPolicyCommand({ UserName: name, PolicyName, PolicyDocument }));
  else if (kind === "role") await client.send(new PutRolePolicyCommand({ RoleName: name, PolicyName, PolicyDocument }));
  else await client.send(new PutGroupPolicyCommand({ GroupName: name, PolicyName, PolicyDocument }));
}

export async function deleteInline({ kind, name }: Named, PolicyName: string): Promise<void> {
  const client = iam();
  if (kind === "user") await client.send(new DeleteUserPolicyCommand({ UserName: name, PolicyName }));
  else if (kind === "role") await client.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }));
  else await client.send(new DeleteGroupPolicyCommand({ GroupName: name, PolicyName }));
}

export async function attach({ kind, name }: Named, PolicyArn: string): Promise<void> {
  const client = iam();
  if (kind === "user") await client.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn }));
  else if (kind === "role") await client.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn }));
  else await client.send(new AttachGroupPolicyCommand({ GroupName: name, PolicyArn }));
}

export async function detach({ kind, name }: Named, PolicyArn: string): Promise<void> {
  const client = iam();
  if (kind === "user") await client.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn }));
  else if (kind === "role") await client.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn }));
  else await client.send(new DetachGroupPolicyCommand({ GroupName: name, PolicyArn }));
}

/** Sets the boundary, or, with no ARN, takes it away. Groups have none. */
export async function setBoundary({ kind, name }: Named, arn: string | undefined): Promise<void> {
  const client = iam();
  if (kind === "user") {
    await (arn
      ? client.send(new PutUserPermissionsBoundaryCommand({ UserName: name, PermissionsBoundary: arn }))
      : client.send(new DeleteUserPermissionsBoundaryCommand({ UserName: name })));
  } else if (kind === "role") {
    await (arn
      ? client.send(new PutRolePermissionsBoundaryCommand({ RoleName: name, PermissionsBoundary: arn }))
      : client.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: name })));
  }
}
