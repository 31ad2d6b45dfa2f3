// A question to the policy simulator, and its answers by action and resource.
import {
  paginateSimulateCustomPolicy, paginateSimulatePrincipalPolicy,
  type ContextEntry, type EvaluationResult, type PolicyEvaluationDecisionType, type PolicyIdentifier, type ResourceSpecificResult, type Statement,
} from "@aws-sdk/client-iam";
import { iam } from "../../aws";
import { collect } from "../../shared/load";
import type { Source } from "./sources";

export interface Question {
  mode: "existing" | "new";
  principal?: string;
  sources: Source[];
  /** Keys of the sources that are left out. */
  left: string[];
  /** The organization's control policies count. */
  organization: boolean;
  /** Documents, when they are new. */
  policies: string[];
  boundary: string;
  resourcePolicy: string;
  caller: string;
  owner: string;
  actions: string[];
  resources: string[];
  context: ContextEntry[];
}

export interface Row {
  action: string;
  resource: string;
  decision: PolicyEvaluationDecisionType;
  statements: Statement[];
  missing: string[];
  /** Whether organizations allow it: of several resources, AWS says it of all together. */
  organizations?: "allowed" | "denied" | "not all";
  boundary?: boolean;
  details: [string, PolicyEvaluationDecisionType][];
}

/** What is asked of all of them: AWS's word for no resource in particular. */
export const any = "*";

export async function simulate(q: Question): Promise<Row[]> {
  const client = iam();
  const text = (s: string) => s.trim() || undefined;
  const common = {
    ActionNames: q.actions,
    ResourceArns: q.resources.length > 0 ? q.resources : undefined,
    PermissionsBoundaryPolicyInputList: text(q.boundary) ? [q.boundary] : undefined,
    ResourcePolicy: text(q.resourcePolicy),
    ResourceOwner: text(q.owner),
    CallerArn: text(q.caller),
    ContextEntries: q.context.length > 0 ? q.context : undefined,
  };
  const results =
    q.mode === "new"
      ? await collect(paginateSimulateCustomPolicy({ client, pageSize: 1000 }, { ...common, PolicyInputList: q.policies.filter(text) }), (p) => p.EvaluationResults)
      : await collect(
          paginateSimulatePrincipalPolicy({ client, pageSize: 1000 }, { ...common, PolicySourceArn: q.principal, PolicyExclusionList: exclusions(q) }),
          (p) => p.EvaluationResults,
        );
  return results.flatMap(rowsOf);
}

function exclusions(q: Question): PolicyIdentifier[] | undefined {
  const list: PolicyIdentifier[] = q.sources.filter((s) => q.left.includes(s.key)).map((s) => s.identifier);
  if (!q.organization) list.push({ PolicyType: "scp" }, { PolicyType: "rcp" });
  return list.length > 0 ? list : undefined;
}

/** An answer's rows: one a resource, where resources were named. */
export function rowsOf(r: EvaluationResult): Row[] {
  const each = r.ResourceSpecificResults ?? [];
  if (each.length === 0) {
    return [
      {
        action: r.EvalActionName!, resource: r.EvalResourceName ?? any, decision: r.EvalDecision!,
        statements: r.MatchedStatements ?? [], missing: r.MissingContextValues ?? [],
        organizations: says(r.OrganizationsDecisionDetail?.AllowedByOrganizations),
        boundary: r.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
        details: Object.entries(r.EvalDecisionDetails ?? {}),
      },
    ];
  }
  return each.map((one) => ({
    action: r.EvalActionName!, resource: one.EvalResourceName!, decision: one.EvalResourceDecision!,
    statements: one.MatchedStatements ?? [], missing: one.MissingContextValues ?? [],
    organizations: organizationsOf(r, one, each.length),
    boundary: one.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
    details: Object.entries(one.EvalDecisionDetails ?? {}),
  }));
}

function says(allowed: boolean | undefined): Row["organizations"] {
  return allowed === undefined ? undefined : allowed ? "allowed" : "denied";
}

function organizationsOf(r: EvaluationResult, one: ResourceSpecificResult, count: number): Row["organizations"] {
  const all = says(r.OrganizationsDecisionDetail?.AllowedByOrganizations);
  if (all !== "denied" || count === 1) return all;
  // Where organizations deny, no statement is told of.
  const allowed = one.EvalResourceDecision === "allowed" || (one.MatchedStatements ?? []).length > 0;
  return allowed ? "allowed" : "not all";
}

/** What settled a row, in words. */
export function reasonOf(row: Row): string {
  const count = row.statements.length === 1 ? "1 matching statement" : `${row.statements.length} matching statements`;
  if (row.decision === "allowed") return `Allowed by ${count}.`;
  if (row.organizations === "denied") return "The organization's control policies do not allow it; nothing else is looked at then.";
  if (row.decision === "explicitDeny") return `Denied explicitly by ${count}: a Deny outweighs every Allow.`;
  const side = row.details.find(([, d]) => d !== "allowed");
  if (row.boundary === false) return "Denied implicitly: the permissions boundary does not allow it.";
  if (row.organizations === "not all") return "Denied implicitly: no statement of the policies allows it, or the organization's control policies do not.";
  if (side) return `Denied implicitly: across accounts both sides must allow it, and no statement of the ${side[0]} does.`;
  return "Denied implicitly: no statement of the policies allows it, and what is not allowed is denied.";
}

export const decisionWords: Record<PolicyEvaluationDecisionType, string> = {
  allowed: "Allowed",
  implicitDeny: "Denied implicitly",
  explicitDeny: "Denied explicitly",
};
