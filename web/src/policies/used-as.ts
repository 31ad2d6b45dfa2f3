import type { Policy } from "@aws-sdk/client-iam";

/** "Permissions policy (2), Permissions boundary (1)"; "None". */
export function usedAs(p: Policy): string {
  const uses = [
    p.AttachmentCount ? `Permissions policy (${p.AttachmentCount})` : "",
    p.PermissionsBoundaryUsageCount ? `Permissions boundary (${p.PermissionsBoundaryUsageCount})` : "",
  ].filter(Boolean);
  return uses.join(", ") || "None";
}
