// Takes a role away with what hangs on it, in the order that IAM wants.
import {
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteServiceLinkedRoleCommand,
  DetachRolePolicyCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  paginateListAttachedRolePolicies,
  paginateListInstanceProfilesForRole,
  paginateListRolePolicies,
  RemoveRoleFromInstanceProfileCommand,
  type DeletionTaskFailureReasonType,
  type Role,
} from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { describe, isMissing } from "../shared/errors";
import { collect } from "../shared/load";
import { linkedService } from "./trust";

/** Deletes a role; that it is gone already is as good. Of a service-linked role,
 * waits for what the service says, and throws its reason. */
export async function removeRole(role: Role): Promise<void> {
  try {
    await (linkedService(role.Path) ? removeLinked(role.RoleName!) : removeOwn(role.RoleName!));
  } catch (e) {
    if (!isMissing(e)) throw e;
  }
}

async function removeOwn(RoleName: string): Promise<void> {
  const client = iam();
  const config = { client };
  const profiles = await collect(paginateListInstanceProfilesForRole(config, { RoleName }), (p) => p.InstanceProfiles);
  for (const { InstanceProfileName } of profiles) {
    await client.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
    // The console made that of the role's own name with it, and takes it away with it.
    if (InstanceProfileName === RoleName) await client.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
  }
  const attached = await collect(paginateListAttachedRolePolicies(config, { RoleName }), (p) => p.AttachedPolicies);
  for (const { PolicyArn } of attached) await client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  const inline = await collect(paginateListRolePolicies(config, { RoleName }), (p) => p.PolicyNames);
  for (const PolicyName of inline) await client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  await client.send(new DeleteRoleCommand({ RoleName }));
}

const pause = 1000; // ms between questions
const patience = 60; // questions

async function removeLinked(RoleName: string): Promise<void> {
  const { DeletionTaskId } = await iam().send(new DeleteServiceLinkedRoleCommand({ RoleName }));
  for (let i = 0; i < patience; i++) {
    const { Status, Reason } = await iam().send(new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }));
    if (Status === "SUCCEEDED") return;
    if (Status === "FAILED") throw refusal(Reason);
    await new Promise((r) => setTimeout(r, pause));
  }
  throw new Error("The service has not answered yet. The role is deleted when it does.");
}

function refusal(reason: DeletionTaskFailureReasonType | undefined): Error {
  const used = (reason?.RoleUsageList ?? []).map((u) => [u.Region, ...(u.Resources ?? [])].join(": "));
  const e = new Error([reason?.Reason ?? "The service still uses the role.", ...used].join(" "));
  e.name = "DeletionFailed";
  return e;
}

/** Deletes roles one by one, and tells which could not be, and why. */
export async function removeRoles(roles: Role[], onGone: (role: Role) => void): Promise<void> {
  const failed: string[] = [];
  for (const role of roles) {
    try {
      await removeRole(role);
      onGone(role);
    } catch (e) {
      if (roles.length === 1) throw e;
      const { message, code } = describe(e);
      failed.push(`${role.RoleName}: ${message} (${code})`);
    }
  }
  if (failed.length > 0) throw new Error(failed.join("\n"));
}
