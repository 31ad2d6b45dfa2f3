// The rows of a Permissions tab: every policy that a principal has, and how it came to it.
import { paginateListGroupsForUser } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { at } from "../shared/link";
import { collect } from "../shared/load";
import { policyDocument } from "./policies";
import { typeOf, type PolicyTypeName } from "./policy-type";
import { getInline, listAttached, listInline, pathOf, type Principal } from "./principal";

export interface Row {
  id: string;
  name: string;
  type: PolicyTypeName;
  arn?: string; // of managed policies
  /** The user's group that has it, when the user itself has not. */
  group?: string;
  via: string;
  /** The page of the policy, or of what has it. */
  path: string;
  load: () => Promise<string>;
}

type Named = Pick<Principal, "kind" | "name">;

async function rowsOf(principal: Named, group?: string): Promise<Row[]> {
  const [attached, inline] = await Promise.all([listAttached(principal), listInline(principal)]);
  return [
    ...attached.map(({ PolicyName, PolicyArn }): Row => ({
      id: [group, PolicyArn].join(" "),
      name: PolicyName!,
      type: typeOf(PolicyArn!),
      arn: PolicyArn!,
      group,
      via: group === undefined ? "Directly" : `Group ${group}`,
      path: at("policies", PolicyArn!),
      load: () => policyDocument(PolicyArn!),
    })),
    ...inline.map((name): Row => ({
      id: [group, "inline", name].join(" "),
      name,
      type: "Customer inline",
      group,
      via: group === undefined ? "Inline" : `Group ${group}`,
      path: inlinePath(principal, name),
      load: () => getInline(principal, name),
    })),
  ];
}

/** The page where an inline policy is edited. */
export function inlinePath(principal: Named, policy: string): string {
  return pathOf(principal, "inline-policies", policy, "edit");
}

/** What is attached and inline, and, for a user, what its groups have. */
export async function loadRows(principal: Named): Promise<Row[]> {
  if (principal.kind !== "user") return rowsOf(principal);
  const groups = collect(paginateListGroupsForUser({ client: iam() }, { UserName: principal.name }), (p) => p.Groups);
  const [own, ...shared] = await Promise.all([rowsOf(principal), groups.then(async (all) => (await Promise.all(all.map((g) => rowsOf({ kind: "group", name: g.GroupName! }, g.GroupName!)))).flat())]);
  return [...own, ...shared.flat()];
}
