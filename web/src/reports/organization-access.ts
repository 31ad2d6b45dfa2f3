// What the accounts of an organization used, and what of it a control policy
// allows: only the management account may ask.
import { GenerateOrganizationsAccessReportCommand, GetOrganizationsAccessReportCommand, type AccessDetail } from "@aws-sdk/client-iam";
import type { Organization } from "@aws-sdk/client-organizations";
import { iam } from "../aws";
import { findOrganization, line, type Node } from "../organizations/tree";
import { pause } from "./pause";

/** The organization that the account manages; none when it doesn't, or may not
 * know. */
export async function managedOrganization(account: string): Promise<Organization | undefined> {
  const organization = await findOrganization().catch(() => undefined);
  return organization?.MasterAccountId === account ? organization : undefined;
}

/** The way to a node from the organization: "o-…/r-…/ou-…". */
export function entityPath(organization: Organization, node: Node): string {
  return [organization.Id!, ...line(node).map((n) => n.id)].join("/");
}

export interface OrganizationAccess {
  made?: Date;
  accessible: number;
  notAccessed: number;
  details: AccessDetail[];
}

export async function organizationAccess(EntityPath: string, OrganizationsPolicyId: string | undefined, signal: AbortSignal): Promise<OrganizationAccess> {
  const client = iam();
  const { JobId } = await client.send(new GenerateOrganizationsAccessReportCommand({ EntityPath, OrganizationsPolicyId }), { abortSignal: signal });
  const details: AccessDetail[] = [];
  for (let Marker: string | undefined; ; ) {
    const page = await client.send(new GetOrganizationsAccessReportCommand({ JobId, Marker, MaxItems: 1000 }), { abortSignal: signal });
    if (page.JobStatus === "IN_PROGRESS") {
      await pause(signal);
      continue;
    }
    if (page.JobStatus === "FAILED") throw Object.assign(new Error(page.ErrorDetails?.Message ?? "The report could not be made."), { name: page.ErrorDetails?.Code ?? "ReportFailed" });
    details.push(...(page.AccessDetails ?? []));
    if (!page.IsTruncated) {
      return { made: page.JobCompletionDate, accessible: page.NumberOfServicesAccessible ?? 0, notAccessed: page.NumberOfServicesNotAccessed ?? 0, details };
    }
    Marker = page.Marker;
  }
}
