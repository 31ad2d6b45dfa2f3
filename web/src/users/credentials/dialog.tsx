import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { ErrorAlert } from "../../shared/errors";

interface Props {
  title: string;
  button: string;
  busy?: boolean;
  error?: unknown;
  large?: boolean;
  children: ReactNode;
  onDo: () => void;
  onCancel: () => void;
  /** A dialog that only tells something has one button. */
  telling?: boolean;
}

/** A dialog with fields: what is typed is sent by its button or by Enter. */
export function Dialog({ title, button, busy, error, large, children, onDo, onCancel, telling }: Props) {
  return (
    <Modal
      visible
      size={large ? "large" : "medium"}
      header={title}
      closeAriaLabel="Close"
      onDismiss={onCancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            {!telling && <Button variant="link" onClick={onCancel}>Cancel</Button>}
            <Button variant="primary" loading={busy} onClick={() => !busy && onDo()}>{button}</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (!busy) onDo();
        }}
      >
        <SpaceBetween size="m">
          {children}
          <ErrorAlert error={error} />
        </SpaceBetween>
        <button type="submit" hidden aria-hidden tabIndex={-1} />
      </form>
    </Modal>
  );
}
