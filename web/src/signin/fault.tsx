import Alert from "@cloudscape-design/components/alert";
import LiveRegion from "@cloudscape-design/components/live-region";

/** What was wrong, seen and read out. */
export function Fault({ text }: { text?: string }) {
  if (!text) return null;
  return (
    <LiveRegion assertive>
      <Alert type="error">{text}</Alert>
    </LiveRegion>
  );
}
