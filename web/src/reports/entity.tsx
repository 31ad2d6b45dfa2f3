import Link from "@cloudscape-design/components/link";
import { isAwsManaged } from "../permissions/policy-type";
import { at, follow, link } from "../shared/link";

export type EntityKind = "user" | "group" | "role" | "policy";

export const entityWords: Record<EntityKind, string> = { user: "User", group: "User group", role: "Role", policy: "Policy" };

/** What an IAM ARN names: its kind and its name without the path. */
export function entityOf(arn: string | undefined): { kind: EntityKind; name: string } | undefined {
  const m = /^arn:[^:]*:iam::[^:]*:(user|group|role|policy)\/(?:.*\/)?([^/]+)$/.exec(arn ?? "");
  return m ? { kind: m[1] as EntityKind, name: m[2]! } : undefined;
}

/** The page of what an ARN names, if it has one in this account. */
export function pageOf(arn: string, account: string): string | undefined {
  const found = entityOf(arn);
  const own = arn.split(":")[4] === account || isAwsManaged(arn);
  if (!found || !own) return undefined;
  return found.kind === "policy" ? at("policies", arn) : at(found.kind + "s", found.name);
}

/** The name of what an ARN names, with a link to its page when it is of this account. */
export function EntityLink({ arn, account }: { arn: string; account: string }) {
  const name = entityOf(arn)?.name ?? (arn.endsWith(":root") ? "Root user" : arn);
  const page = pageOf(arn, account);
  const shown = <span className="break-anywhere">{name}</span>;
  return page ? <Link {...link(page)} onFollow={follow}>{shown}</Link> : shown;
}
