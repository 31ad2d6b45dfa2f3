import { paginateListPolicyVersions, type PolicyVersion } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { collect } from "../shared/load";

/** As many as AWS keeps of one policy. */
export const mostVersions = 5;

/** All versions, the newest first. */
export async function listVersions(arn: string): Promise<PolicyVersion[]> {
  const all = await collect(paginateListPolicyVersions({ client: iam() }, { PolicyArn: arn }), (p) => p.Versions);
  return all.sort((a, b) => numberOf(b) - numberOf(a));
}

/** "Version 3" of "v3". */
export function versionName(v: PolicyVersion): string {
  return `Version ${numberOf(v)}`;
}

/** The version that is given up first: the oldest that is not in force. */
export function oldestSpare(versions: PolicyVersion[]): PolicyVersion | undefined {
  return versions.filter((v) => !v.IsDefaultVersion).sort((a, b) => numberOf(a) - numberOf(b))[0];
}

function numberOf(v: PolicyVersion): number {
  return Number(v.VersionId?.slice(1) ?? 0);
}
