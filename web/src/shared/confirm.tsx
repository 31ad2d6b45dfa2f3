import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { ErrorAlert } from "./errors";
import { useWork } from "./load";

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
export function Confirm({ title, children, type, button, warning, work, onDone, onCancel }: Props) {
  const [typed, setTyped] = useState("");
  const { busy, error, run } = useWork();
  const ready = type === undefined || typed === type;
  const act = async () => {
    if (ready && !busy && (await run(work))) onDone();
  };
  return (
    <Modal
      visible
      header={title}
      closeAriaLabel="Close"
      onDismiss={onCancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onCancel}>Cancel</Button>
            <Button variant="primary" disabled={!ready} loading={busy} onClick={act}>{button}</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <div>{children}</div>
        {warning && <Alert type="warning">{warning}</Alert>}
        {type !== undefined && (
          <FormField label={<>To confirm, enter <i>{type}</i> in the field</>}>
            <Input
              value={typed}
              placeholder={type}
              autoComplete={false}
              onChange={(e) => setTyped(e.detail.value)}
              onKeyDown={(e) => e.detail.key === "Enter" && act()}
            />
          </FormField>
        )}
        <ErrorAlert error={error} />
      </SpaceBetween>
    </Modal>
  );
}
