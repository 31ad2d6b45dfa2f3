// Service last accessed details: made when they are asked for, and then read page
// by page.
import {
  GenerateServiceLastAccessedDetailsCommand, GetServiceLastAccessedDetailsCommand, GetServiceLastAccessedDetailsWithEntitiesCommand,
  ListPoliciesGrantingServiceAccessCommand,
  type AccessAdvisorUsageGranularityType, type EntityDetails, type PolicyGrantingServiceAccess, type ServiceLastAccessed,
} from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { pause } from "./pause";

export type Granularity = AccessAdvisorUsageGranularityType;

/** What is said of a service or action that nobody used. */
export const never = "Not accessed in the tracking period";

export interface AccessReport {
  job: string;
  granularity: Granularity;
  made?: Date;
  services: ServiceLastAccessed[];
}

/** Has a report made on a user, group, role or policy, and waits for it. */
export async function accessReport(Arn: string, granularity: Granularity, signal: AbortSignal): Promise<AccessReport> {
  const client = iam();
  const { JobId } = await client.send(new GenerateServiceLastAccessedDetailsCommand({ Arn, Granularity: granularity }), { abortSignal: signal });
  const services: ServiceLastAccessed[] = [];
  for (let Marker: string | undefined; ; ) {
    const page = await client.send(new GetServiceLastAccessedDetailsCommand({ JobId, Marker, MaxItems: 1000 }), { abortSignal: signal });
    if (page.JobStatus === "IN_PROGRESS") {
      await pause(signal);
      continue;
    }
    if (page.JobStatus === "FAILED") throw new Error(page.Error?.Message ?? "The report could not be made.");
    services.push(...(page.ServicesLastAccessed ?? []));
    if (!page.IsTruncated) return { job: JobId!, granularity, made: page.JobCompletionDate, services };
    Marker = page.Marker;
  }
}

/** Who of those that a report is about used a service, and when. */
export async function accessedBy(JobId: string, ServiceNamespace: string): Promise<EntityDetails[]> {
  const all: EntityDetails[] = [];
  for (let Marker: string | undefined; ; ) {
    const page = await iam().send(new GetServiceLastAccessedDetailsWithEntitiesCommand({ JobId, ServiceNamespace, Marker, MaxItems: 1000 }));
    all.push(...(page.EntityDetailsList ?? []));
    if (!page.IsTruncated) return all;
    Marker = page.Marker;
  }
}

/** The policies that grant a user, group or role something of a service. */
export async function policiesGranting(Arn: string, ServiceNamespace: string): Promise<PolicyGrantingServiceAccess[]> {
  const all: PolicyGrantingServiceAccess[] = [];
  for (let Marker: string | undefined; ; ) {
    const page = await iam().send(new ListPoliciesGrantingServiceAccessCommand({ Arn, ServiceNamespaces: [ServiceNamespace], Marker }));
    all.push(...(page.PoliciesGrantingServiceAccess ?? []).flatMap((s) => s.Policies ?? []));
    if (!page.IsTruncated) return all;
    Marker = page.Marker;
  }
}
