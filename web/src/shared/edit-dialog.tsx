import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { ErrorAlert } from "./errors";
import { useWork } from "./load";

interface Props {
  title: string;
  button: string;
  ready: boolean;
  work: () => Promise<unknown>;
  onDone: () => void;
  onCancel: () => void;
  children: ReactNode;
}

/** A few fields that are saved together. */
export function EditDialog({ title, button, ready, work, onDone, onCancel, children }: Props) {
  const { busy, error, run } = useWork();
  const save = async () => {
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
            <Button variant="primary" loading={busy} disabled={!ready} onClick={save}>{button}</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void save();
        }}
      >
        <SpaceBetween size="m">
          {children}
          <ErrorAlert error={error} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
