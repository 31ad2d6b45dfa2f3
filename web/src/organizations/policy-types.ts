// The types of organization policies, in the console's words.
import { prettyDocument } from "../policy/document";
import type { PolicyKind as Editor } from "../policy/kinds";

export interface PolicyKind {
  type: string; // AWS's: SERVICE_CONTROL_POLICY
  name: string; // "Service control policies"
  one: string; // "service control policy"
  description: string;
  /** Which policy editor takes it; none for management policies, which are plain JSON. */
  editor?: Editor;
  limit: number; // characters of a document
}

export const policyKinds: PolicyKind[] = [
  {
    type: "SERVICE_CONTROL_POLICY", name: "Service control policies", one: "service control policy", editor: "scp", limit: 10240,
    description: "The most that users and roles of member accounts may do.",
  },
  {
    type: "RESOURCE_CONTROL_POLICY", name: "Resource control policies", one: "resource control policy", editor: "rcp", limit: 5120,
    description: "The most that anybody may do with resources of member accounts.",
  },
  { type: "TAG_POLICY", name: "Tag policies", one: "tag policy", limit: 10000, description: "How the tags of resources are written." },
  { type: "BACKUP_POLICY", name: "Backup policies", one: "backup policy", limit: 10000, description: "Plans for backups of the accounts' resources." },
  { type: "AISERVICES_OPT_OUT_POLICY", name: "AI services opt-out policies", one: "AI services opt-out policy", limit: 2500, description: "Whether AWS's AI services may keep content." },
  { type: "CHATBOT_POLICY", name: "Chat applications policies", one: "chat applications policy", limit: 10000, description: "From which chat applications the accounts are reached." },
  { type: "DECLARATIVE_POLICY_EC2", name: "Declarative policies for EC2", one: "declarative policy", limit: 10000, description: "The base configuration of EC2." },
  { type: "SECURITYHUB_POLICY", name: "Security Hub policies", one: "Security Hub policy", limit: 10000, description: "Where Security Hub is enabled." },
  { type: "SECURITYHUB_CSPM_POLICY", name: "Security Hub CSPM policies", one: "Security Hub CSPM policy", limit: 10000, description: "Which controls of Security Hub CSPM are on." },
  { type: "GUARDDUTY_POLICY", name: "Amazon GuardDuty policies", one: "GuardDuty policy", limit: 10000, description: "Where Amazon GuardDuty is enabled." },
  { type: "INSPECTOR_POLICY", name: "Amazon Inspector policies", one: "Inspector policy", limit: 10000, description: "Where Amazon Inspector scans." },
  { type: "UPGRADE_ROLLOUT_POLICY", name: "Upgrade rollout policies", one: "upgrade rollout policy", limit: 10000, description: "In which order upgrades come." },
  { type: "BEDROCK_POLICY", name: "Amazon Bedrock policies", one: "Bedrock policy", limit: 10000, description: "Guardrails of Amazon Bedrock." },
  { type: "S3_POLICY", name: "Amazon S3 policies", one: "S3 policy", limit: 10000, description: "How buckets may be reached." },
  { type: "NETWORK_SECURITY_DIRECTOR_POLICY", name: "Network security director policies", one: "network security director policy", limit: 10000, description: "Where network security director looks." },
];

export function policyKind(type: string): PolicyKind {
  return policyKinds.find((k) => k.type === type) ?? { type, name: type, one: type, description: "", limit: 10000 };
}

/** A document to begin with. */
export function firstDocument(type: string): string {
  const documents: Record<string, unknown> = {
    SERVICE_CONTROL_POLICY: { Version: "2012-10-17", Statement: [{ Sid: "Statement1", Effect: "Deny", Action: [], Resource: ["*"] }] },
    RESOURCE_CONTROL_POLICY: { Version: "2012-10-17", Statement: [{ Sid: "Statement1", Effect: "Deny", Principal: "*", Action: [], Resource: ["*"] }] },
    TAG_POLICY: { tags: { CostCenter: { tag_key: { "@@assign": "CostCenter" } } } },
    BACKUP_POLICY: { plans: {} },
    AISERVICES_OPT_OUT_POLICY: { services: { default: { opt_out_policy: { "@@assign": "optOut" } } } },
  };
  return prettyDocument(JSON.stringify(documents[type] ?? {}));
}
