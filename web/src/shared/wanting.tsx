import Alert from "@cloudscape-design/components/alert";
import { useAllowed, whyNot } from "./allowed";

/** At the head of a form whose last button can't be disabled: the permission for it
 * that the person doesn't have. */
export function Wanting({ action, resource }: { action: string; resource?: string }) {
  if (useAllowed(action, resource)) return null;
  return (
    <Alert type="warning" header={whyNot(action)}>
      You can go through these steps, but what they prepare will be refused. Ask an administrator for the permission.
    </Alert>
  );
}
