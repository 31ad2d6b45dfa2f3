import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";

const states: Record<string, [StatusIndicatorProps.Type, string]> = {
  UNASSIGNED: ["pending", "Unassigned"],
  ASSIGNED: ["pending", "Waiting for approval"],
  PENDING_APPROVAL: ["pending", "Waiting for an administrator"],
  ACCEPTED: ["success", "Approved"],
  FINALIZED: ["success", "Access given"],
  REJECTED: ["stopped", "Rejected"],
  EXPIRED: ["stopped", "Expired"],
};

export function RequestState({ state }: { state?: string }) {
  const [type, text] = states[state ?? ""] ?? ["info", state ?? "-"];
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}
