import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { ErrorAlert } from "../shared/errors";
import { useWork } from "../shared/load";
import { importInto } from "./import";
import { policyDocument } from "./policies";
import { PolicyPicker } from "./policy-picker";

interface Props {
  text: string;
  onImport: (text: string) => void;
  onCancel: () => void;
}

/** Copies another policy's statements into the one that is being written. */
export function ImportPolicy({ text, onImport, onCancel }: Props) {
  const [arn, setArn] = useState<string>();
  const [unreadable, setUnreadable] = useState(false);
  const { busy, error, run } = useWork();
  const take = () =>
    run(async () => {
      const both = importInto(text, await policyDocument(arn!));
      if (both === undefined) setUnreadable(true);
      else onImport(both);
    });
  return (
    <Modal
      visible
      size="large"
      header="Import policy"
      closeAriaLabel="Close"
      onDismiss={onCancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onCancel}>Cancel</Button>
            <Button variant="primary" disabled={arn === undefined} loading={busy} onClick={take}>Import policy</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <PolicyPicker
          single
          header="Policies"
          headerVariant="h3"
          description="The statements of the policy are added after those that you have. Then change them as you need."
          selected={arn === undefined ? [] : [arn]}
          onChange={(arns) => setArn(arns[0])}
        />
        {unreadable && <Alert type="error">The JSON that you have has a mistake. Correct it, then import.</Alert>}
        <ErrorAlert error={error} />
      </SpaceBetween>
    </Modal>
  );
}
