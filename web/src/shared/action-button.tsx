import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import { follow } from "./link";
import { useAllowed, whyNot } from "./allowed";

interface Props extends ButtonProps {
  /** The AWS action that the click calls: "iam:CreateUser". */
  action: string;
  /** The ARN that it is called on; "*" for what is asked of none. */
  resource?: string;
}

/** A button that says so when the person may not do what it does. */
export function ActionButton({ action, resource, ...button }: Props) {
  const allowed = useAllowed(action, resource);
  return (
    <Button
      onFollow={follow}
      {...button}
      disabled={button.disabled || !allowed}
      disabledReason={allowed ? button.disabledReason : whyNot(action)}
    />
  );
}
