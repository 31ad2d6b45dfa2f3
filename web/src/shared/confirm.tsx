import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState, type ReactNode } from "react";
import { EditDialog } from "./edit-dialog";

interface Props {
  title: string;
  children: ReactNode;
  /** What must be typed before it can be done; none for what can be taken back. */
  type?: string;
  button: string; // "Delete"
  warning?: ReactNode;
  work: () => Promise<unknown>;
  onDone: () => void;
  onCancel: () => void;
}

/** Asks before something is done that cannot be taken back. */
export function Confirm({ children, type, warning, ...dialog }: Props) {
  const [typed, setTyped] = useState("");
  return (
    <EditDialog {...dialog} ready={type === undefined || typed === type}>
      <div>{children}</div>
      {warning && <Alert type="warning">{warning}</Alert>}
      {type !== undefined && (
        <FormField label={<>To confirm, enter <i>{type}</i> in the field</>}>
          <Input value={typed} placeholder={type} autoComplete={false} onChange={(e) => setTyped(e.detail.value)} />
        </FormField>
      )}
    </EditDialog>
  );
}
