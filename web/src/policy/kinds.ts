// The kinds of policy that the editors know, and what is different among them.
import type { PolicyType } from "../aws";

export type PolicyKind = "identity" | "scp" | "rcp" | "trust" | "resource";

interface KindFacts {
  type: PolicyType;
  resourceType?: string; // as ValidatePolicy wants it
  limit: number; // characters, AWS's default
  blanks: boolean; // white space counts
  visual: boolean; // AWS's visual editor takes it
}

/** Inline policies of users, groups and roles have other limits: 2,048, 5,120 and 10,240. */
export const kinds: Record<PolicyKind, KindFacts> = {
  identity: { type: "IDENTITY_POLICY", limit: 6144, blanks: false, visual: true },
  scp: { type: "SERVICE_CONTROL_POLICY", limit: 10240, blanks: true, visual: true },
  rcp: { type: "RESOURCE_CONTROL_POLICY", limit: 5120, blanks: true, visual: true },
  trust: { type: "RESOURCE_POLICY", resourceType: "AWS::IAM::AssumeRolePolicyDocument", limit: 2048, blanks: false, visual: false },
  resource: { type: "RESOURCE_POLICY", limit: 20480, blanks: true, visual: false },
};

/** The characters of a text that count against the quota of its kind. */
export function sizeOf(text: string, kind: PolicyKind): number {
  return [...(kinds[kind].blanks ? text : text.replace(/[ \t\r\n]/g, ""))].length;
}
