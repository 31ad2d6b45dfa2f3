// The policies that a user, group or role has, as the simulator can leave them out.
import { paginateListGroupsForUser, type PolicyIdentifier } from "@aws-sdk/client-iam";
import { iam } from "../../aws";
import { policyDocument } from "../../permissions/policies";
import { findPrincipal, getInline, listAttached, listInline, type Principal } from "../../permissions/principal";
import { typeOf } from "../../permissions/policy-type";
import { collect } from "../../shared/load";
import { entityOf } from "../entity";

export interface Source {
  /** What the answers call it: the name of a managed policy, "user_Bob_Name" of an inline one. */
  id: string;
  key: string;
  name: string;
  arn?: string; // of a managed policy
  type: string;
  /** The groups that it comes from; none for the principal's own. */
  groups: string[];
  boundary: boolean;
  identifier: PolicyIdentifier;
  document: () => Promise<string>;
}

type Named = Pick<Principal, "kind" | "name">;

/** All policies of a principal: its own, those of a user's groups, its boundary. */
export async function sourcesOf(arn: string): Promise<Source[]> {
  const found = entityOf(arn);
  if (!found || found.kind === "policy") throw new Error("Policies are simulated of a user, group or role.");
  const principal = await findPrincipal(found.kind, found.name);
  const groups = found.kind === "user" ? await collect(paginateListGroupsForUser({ client: iam() }, { UserName: found.name }), (p) => p.Groups) : [];
  const holders: Named[] = [principal, ...groups.map((g): Named => ({ kind: "group", name: g.GroupName! }))];
  const all = (await Promise.all(holders.map((h) => sourcesOfHolder(h, h === principal)))).flat();
  const once = new Map<string, Source>();
  for (const s of all) {
    const before = once.get(s.key);
    if (before) before.groups = before.groups.length > 0 ? [...before.groups, ...s.groups] : [];
    else once.set(s.key, s);
  }
  return [...once.values(), ...(principal.boundary ? [boundary(principal.boundary)] : [])];
}

async function sourcesOfHolder(holder: Named, own: boolean): Promise<Source[]> {
  const [attached, inline] = await Promise.all([listAttached(holder), listInline(holder)]);
  const groups = own ? [] : [holder.name];
  return [
    ...attached.map((p): Source => ({
      id: p.PolicyName!, key: p.PolicyArn!, name: p.PolicyName!, arn: p.PolicyArn, type: typeOf(p.PolicyArn!), groups, boundary: false,
      identifier: { PolicyArn: p.PolicyArn! }, document: () => policyDocument(p.PolicyArn!),
    })),
    ...inline.map((name): Source => {
      const id = `${holder.kind}_${holder.name}_${name}`;
      return {
        id, key: id, name, type: "Customer inline", groups, boundary: false,
        identifier: { InlinePolicyIdentifier: { PolicyName: name, AttachmentType: holder.kind, AttachmentName: holder.name } },
        document: () => getInline(holder, name),
      };
    }),
  ];
}

function boundary(arn: string): Source {
  const name = entityOf(arn)?.name ?? arn;
  return {
    id: name, key: "boundary " + arn, name, arn, type: "Permissions boundary", groups: [], boundary: true,
    identifier: { PolicyType: "permission-boundary" }, document: () => policyDocument(arn),
  };
}
