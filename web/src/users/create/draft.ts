// What the wizard asks for, and the tasks that make a user of it.
import { AddUserToGroupCommand, AttachUserPolicyCommand, CreateLoginProfileCommand, CreateUserCommand, PutUserPolicyCommand, type PasswordPolicy } from "@aws-sdk/client-iam";
import { iam } from "../../aws";
import { nameOfPolicy, permissionsOf, type Permissions } from "../../permissions/attach";
import { getInline } from "../../permissions/principal";
import { typeOf } from "../../permissions/policy-type";
import type { Tag } from "../../shared/tags";
import { changePasswordPolicy } from "../credentials/login";
import { firstPassword, type NewPassword } from "../credentials/new-password";

export type Way = "groups" | "copy" | "policies";

export interface Draft {
  name: string;
  console: boolean;
  password: NewPassword;
  way: Way;
  groups: string[];
  policies: string[]; // ARNs
  user?: string; // whose permissions are copied
  boundary?: string; // ARN; "" while one is wanted and not chosen
  tags: Tag[];
}

export const emptyDraft: Draft = { name: "", console: false, password: firstPassword, way: "groups", groups: [], policies: [], tags: [] };

/** One thing that is done on the way to the user. */
export interface Task {
  text: string;
  run: () => Promise<unknown>;
}

/** Whether the user gets the policy that lets it change its own password. */
export function getsChangePassword(d: Draft, policy: PasswordPolicy | undefined): boolean {
  return d.console && d.password.reset && !policy?.AllowUsersToChangePassword;
}

/** What the user is to have of groups and policies, whatever the way. */
export async function wanted(d: Draft): Promise<Permissions> {
  if (d.way === "copy") return d.user === undefined ? { groups: [], policies: [], inline: [] } : permissionsOf(d.user);
  if (d.way === "groups") return { groups: d.groups, policies: [], inline: [] };
  return { groups: [], policies: d.policies.map((arn) => ({ arn, name: nameOfPolicy(arn) })), inline: [] };
}

export interface Grant {
  name: string;
  type: string;
  usedAs: string;
}

/** The rows of the permissions summary. */
export function grantsOf(d: Draft, p: Permissions, policy: PasswordPolicy | undefined): Grant[] {
  const attached = p.policies.map(({ name, arn }) => ({ name, type: typeOf(arn) as string, usedAs: "Permissions policy" }));
  if (getsChangePassword(d, policy) && !p.policies.some((x) => x.arn === changePasswordPolicy)) {
    attached.push({ name: "IAMUserChangePassword", type: "AWS managed", usedAs: "Permissions policy" });
  }
  return [
    ...p.groups.map((name) => ({ name, type: "Group", usedAs: "Permissions group" })),
    ...attached,
    ...p.inline.map((name) => ({ name, type: "Customer inline", usedAs: "Permissions policy" })),
    ...(d.boundary ? [{ name: nameOfPolicy(d.boundary), type: typeOf(d.boundary) as string, usedAs: "Permissions boundary" }] : []),
  ];
}

/** All that is to be done, in order: the user first. */
export async function tasksOf(d: Draft, password: string | undefined, policy: PasswordPolicy | undefined): Promise<Task[]> {
  const client = iam();
  const UserName = d.name;
  const p = await wanted(d);
  const attach = (arn: string): Task => ({ text: `Attach policy ${nameOfPolicy(arn)}`, run: () => client.send(new AttachUserPolicyCommand({ UserName, PolicyArn: arn })) });
  const tasks: Task[] = [
    {
      text: `Create user ${d.name}`,
      run: () => client.send(new CreateUserCommand({ UserName, PermissionsBoundary: d.boundary || undefined, Tags: d.tags.length > 0 ? d.tags : undefined })),
    },
  ];
  if (d.console && password !== undefined) {
    tasks.push({
      text: "Set the console password",
      run: () => client.send(new CreateLoginProfileCommand({ UserName, Password: password, PasswordResetRequired: d.password.reset })),
    });
  }
  for (const GroupName of p.groups) tasks.push({ text: `Add to group ${GroupName}`, run: () => client.send(new AddUserToGroupCommand({ UserName, GroupName })) });
  const arns = p.policies.map((x) => x.arn);
  if (getsChangePassword(d, policy) && !arns.includes(changePasswordPolicy)) arns.push(changePasswordPolicy);
  tasks.push(...arns.map(attach));
  for (const PolicyName of p.inline) {
    tasks.push({
      text: `Copy inline policy ${PolicyName}`,
      run: async () => client.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument: await getInline({ kind: "user", name: d.user! }, PolicyName) })),
    });
  }
  return tasks;
}
