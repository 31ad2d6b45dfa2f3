import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useUnsaved } from "./unsaved";

/** Asks before a page is left whose changes would be lost. */
export function LeavePage({ filled }: { filled: boolean }) {
  const { asked, stay, go } = useUnsaved(filled);
  if (!asked) return null;
  return (
    <Modal
      visible
      header="Leave page?"
      closeAriaLabel="Close"
      onDismiss={stay}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={stay}>Cancel</Button>
            <Button variant="primary" onClick={go}>Leave</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <Alert type="warning">If you leave this page, your changes will be lost.</Alert>
    </Modal>
  );
}
