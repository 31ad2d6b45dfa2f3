// Managed policies: the list of all, and the document of one.
import { GetPolicyCommand, GetPolicyVersionCommand, paginateListPolicies, type Policy } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { prettyDocument } from "../policy/document";
import { collect } from "../shared/load";

/** Every managed policy that the account can attach, by name. */
export async function listPolicies(): Promise<Policy[]> {
  const all = await collect(paginateListPolicies({ client: iam(), pageSize: 1000 }, { Scope: "All" }), (p) => p.Policies);
  return all.sort((a, b) => a.PolicyName!.localeCompare(b.PolicyName!));
}

export async function findPolicy(arn: string): Promise<Policy> {
  return (await iam().send(new GetPolicyCommand({ PolicyArn: arn }))).Policy!;
}

/** The document of one version, or of the one in force. */
export async function policyDocument(arn: string, version?: string): Promise<string> {
  const VersionId = version ?? (await findPolicy(arn)).DefaultVersionId;
  const { PolicyVersion } = await iam().send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }));
  return decodeURIComponent(PolicyVersion!.Document!);
}

/** A text with its lines laid out, when it is a document of one line, as programs write it. */
export function laidOut(text: string): string {
  return text.trim().includes("\n") ? text : prettyDocument(text);
}
