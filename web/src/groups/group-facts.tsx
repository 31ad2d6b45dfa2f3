import { GetGroupCommand } from "@aws-sdk/client-iam";
import Spinner from "@cloudscape-design/components/spinner";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { iam } from "../aws";
import { nameOfPolicy } from "../permissions/attach";
import { listAttached, listInline } from "../permissions/principal";
import { useLoad } from "../shared/load";

/** How many users are in a group; asked for only where it is shown. */
export function GroupUsers({ name }: { name: string }) {
  const users = useLoad(async () => {
    const out = await iam().send(new GetGroupCommand({ GroupName: name, MaxItems: 1000 }));
    return `${out.Users?.length ?? 0}${out.IsTruncated ? "+" : ""}`;
  }, [name]);
  if (users.error !== undefined) return <StatusIndicator type="warning">Access denied</StatusIndicator>;
  return users.data === undefined ? <Spinner /> : users.data === "0" ? <StatusIndicator type="warning">0</StatusIndicator> : users.data;
}

/** Whether a group has policies. */
export function GroupPermissions({ name }: { name: string }) {
  const has = useLoad(() => policyNames(name), [name]);
  if (has.error !== undefined) return <StatusIndicator type="warning">Access denied</StatusIndicator>;
  if (!has.data) return <Spinner />;
  if (has.data.length === 0) return <StatusIndicator type="warning">Not defined</StatusIndicator>;
  return <StatusIndicator type="success">Defined</StatusIndicator>;
}

export function GroupPolicies({ name }: { name: string }) {
  const has = useLoad(() => policyNames(name), [name]);
  if (has.error !== undefined) return <StatusIndicator type="warning">Access denied</StatusIndicator>;
  if (!has.data) return <Spinner />;
  return has.data.length === 0 ? "-" : has.data.join(", ");
}

async function policyNames(name: string): Promise<string[]> {
  const group = { kind: "group" as const, name };
  const [attached, inline] = await Promise.all([listAttached(group), listInline(group)]);
  return [...attached.map((p) => nameOfPolicy(p.PolicyArn!)), ...inline];
}
