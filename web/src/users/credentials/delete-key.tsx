import { UpdateAccessKeyCommand } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { iam } from "../../aws";
import { ErrorAlert } from "../../shared/errors";
import { useWork } from "../../shared/load";
import { ago } from "../../shared/time";
import { deleteKey, type AccessKey } from "./keys";
import { nameOf, type Owner } from "./owner";

interface Props {
  owner: Owner;
  accessKey: AccessKey;
  onDone: () => void;
  onCancel: (changed: boolean) => void;
}

/** Deletes an access key: it is deactivated first, so that one sees what stops
 * working while it can still be activated again. */
export function DeleteKey({ owner, accessKey: key, onDone, onCancel }: Props) {
  const id = key.AccessKeyId!;
  const [active, setActive] = useState(key.Status === "Active");
  const [typed, setTyped] = useState("");
  const { busy, error, run } = useWork();
  const ready = !active && typed === id;
  const cancel = () => onCancel(active !== (key.Status === "Active"));
  const deactivate = () =>
    run(async () => {
      await iam().send(new UpdateAccessKeyCommand({ ...nameOf(owner), AccessKeyId: id, Status: "Inactive" }));
      setActive(false);
    });
  const remove = async () => {
    if (ready && !busy && (await run(() => deleteKey(owner, key)))) onDone();
  };
  return (
    <Modal
      visible
      header={`Delete ${id}?`}
      closeAriaLabel="Close"
      onDismiss={cancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={cancel}>Cancel</Button>
            <Button variant="primary" disabled={!ready} loading={busy && !active} onClick={remove}>Delete</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <div>Delete access key <b>{id}</b> permanently? You can't recover a deleted key.</div>
        <Alert type="warning">
          Before you delete an access key, make sure that it isn't in use. Last used: {key.used?.LastUsedDate ? ago(key.used.LastUsedDate) : "never"}.
        </Alert>
        {active ? (
          <SpaceBetween size="xs">
            <div>Before you can delete the access key, you must deactivate it. A deactivated key can be activated again; a deleted one can't be brought back.</div>
            <Button loading={busy} onClick={deactivate}>Deactivate</Button>
          </SpaceBetween>
        ) : (
          <StatusIndicator type="success">The access key is deactivated.</StatusIndicator>
        )}
        <FormField label={<>To confirm deletion, enter the access key ID: <i>{id}</i></>}>
          <Input value={typed} placeholder={id} disabled={active} autoComplete={false} onChange={(e) => setTyped(e.detail.value)} onKeyDown={(e) => e.detail.key === "Enter" && remove()} />
        </FormField>
        <ErrorAlert error={error} />
      </SpaceBetween>
    </Modal>
  );
}
