// The APIs behind the gateway, and who may invoke them.
import {
  paginateListRoles, paginateListUsers, paginateSimulatePrincipalPolicy, type ContextEntry,
} from "@aws-sdk/client-iam";
import { call, iam } from "../aws";
import { collect } from "../shared/load";

export interface Application {
  id: string;
  stage: string;
  account: string;
  region: string;
  hosts: string[];
  pathPrefix?: string;
  arn: string;
  authorization: string;
  resourcePolicy: string;
  upstream?: string;
}

export function applications(): Promise<Application[]> {
  return call<Application[]>("applications", {});
}

export interface Invoker {
  kind: "user" | "role";
  name: string;
  arn: string;
  decision: string; // allowed, explicitDeny, implicitDeny
}

/** Asks the policy simulator for each user and role of the account, a few at a
 * time, and tells of each as it is known. */
export async function invokers(app: Application, resource: string, found: (some: Invoker[]) => void, signal: AbortSignal): Promise<void> {
  const client = iam();
  const [users, roles] = await Promise.all([
    collect(paginateListUsers({ client, pageSize: 1000 }, {}), (p) => p.Users),
    collect(paginateListRoles({ client, pageSize: 1000 }, {}), (p) => p.Roles),
  ]);
  const waiting: Omit<Invoker, "decision">[] = [
    ...users.map((u) => ({ kind: "user" as const, name: u.UserName!, arn: u.Arn! })),
    ...roles.filter((r) => !r.Path?.startsWith("/aws-service-role/")).map((r) => ({ kind: "role" as const, name: r.RoleName!, arn: r.Arn! })),
  ];
  const one = async (p: Omit<Invoker, "decision">) => found([{ ...p, decision: await decision(app, p.arn, resource) }]);
  const work = async () => {
    for (let p = waiting.shift(); p && !signal.aborted; p = waiting.shift()) await one(p);
  };
  await Promise.all(Array.from({ length: 4 }, work));
}

async function decision(app: Application, principal: string, resource: string): Promise<string> {
  const results = await collect(
    paginateSimulatePrincipalPolicy(
      { client: iam() },
      {
        PolicySourceArn: principal, ActionNames: ["execute-api:Invoke"], ResourceArns: [resource], CallerArn: app.resourcePolicy ? callerOf(principal) : undefined,
        ResourcePolicy: app.resourcePolicy || undefined, ResourceOwner: app.resourcePolicy ? `arn:aws:iam::${app.account}:root` : undefined, ContextEntries: [] as ContextEntry[],
      },
    ),
    (p) => p.EvaluationResults,
  );
  return results[0]?.EvalDecision ?? "implicitDeny";
}

/** The simulator takes users alone as callers of resource policies; of a role its
 * own policies are asked. */
function callerOf(principal: string): string | undefined {
  return principal.includes(":user/") ? principal : undefined;
}
