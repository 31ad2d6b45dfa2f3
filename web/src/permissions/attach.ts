// Gives a principal several policies, or all that another user has.
import { AddUserToGroupCommand, paginateListGroupsForUser } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { forgetAllowed } from "../shared/allowed";
import { describe } from "../shared/errors";
import { collect } from "../shared/load";
import { attach, detach, getInline, listAttached, listInline, putInline, type Principal } from "./principal";

type Named = Pick<Principal, "kind" | "name">;

/** Some of several things were done, and one was refused. */
export class PartlyDone extends Error {
  readonly Code: string;
  readonly $metadata: unknown;
  constructor(readonly done: string[], what: string, cause: unknown) {
    const e = describe(cause);
    const before = done.length > 0 ? `Done before: ${done.join(", ")}. ` : "";
    super(`${before}${what}: ${e.message}`, { cause });
    this.Code = e.code;
    this.$metadata = (cause as { $metadata?: unknown }).$metadata;
  }
}

/** One after the other, so that it is known what was done when one is refused. */
async function each<T>(items: T[], nameOf: (item: T) => string, work: (item: T) => Promise<unknown>): Promise<void> {
  const done: string[] = [];
  try {
    for (const item of items) {
      try {
        await work(item);
      } catch (e) {
        throw new PartlyDone(done, nameOf(item), e);
      }
      done.push(nameOf(item));
    }
  } finally {
    forgetAllowed();
  }
}

/** The name of a policy, from its ARN. */
export function nameOfPolicy(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/** Attaches managed policies. A refusal says which were attached before it. */
export function attachAll(principal: Named, arns: string[]): Promise<void> {
  return each(arns, nameOfPolicy, (arn) => attach(principal, arn));
}

export function detachAll(principal: Named, arns: string[]): Promise<void> {
  return each(arns, nameOfPolicy, (arn) => detach(principal, arn));
}

/** Adds a user to groups. */
export function joinAll(user: string, groups: string[]): Promise<void> {
  return each(groups, (g) => g, (GroupName) => iam().send(new AddUserToGroupCommand({ UserName: user, GroupName })));
}

export interface Permissions {
  groups: string[];
  policies: { name: string; arn: string }[];
  inline: string[];
}

/** What a user has: its groups, what is attached to it, and its inline policies' names. */
export async function permissionsOf(user: string): Promise<Permissions> {
  const [groups, attached, inline] = await Promise.all([
    collect(paginateListGroupsForUser({ client: iam() }, { UserName: user }), (p) => p.Groups),
    listAttached({ kind: "user", name: user }),
    listInline({ kind: "user", name: user }),
  ]);
  return {
    groups: groups.map((g) => g.GroupName!),
    policies: attached.map((p) => ({ name: p.PolicyName!, arn: p.PolicyArn! })),
    inline,
  };
}

/** Gives a user all that another has: groups, attached policies and inline policies. */
export async function copyPermissions(from: string, to: string): Promise<void> {
  const all = await permissionsOf(from);
  await joinAll(to, all.groups);
  await attachAll({ kind: "user", name: to }, all.policies.map((p) => p.arn));
  await each(all.inline, (n) => n, async (n) => putInline({ kind: "user", name: to }, n, await getInline({ kind: "user", name: from }, n)));
}
