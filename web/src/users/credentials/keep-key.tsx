import type { AccessKey } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Copy } from "../../shared/copy";
import { csv, download } from "../../shared/download";
import { Secret } from "../../shared/secret";
import { fileName, type Owner } from "./owner";

/** Has the browser keep the key in a file as AWS's console makes it. */
export function downloadKey(key: AccessKey, owner: Owner): void {
  const name = owner.userName === undefined ? "rootkey.csv" : `${fileName(owner)}_accessKeys.csv`;
  download(name, csv(["Access key ID", "Secret access key"], [key.AccessKeyId!, key.SecretAccessKey!]), "text/csv");
}

/** The new key, and its secret, which is seen here and never again. */
export function KeepKey({ made }: { made: AccessKey }) {
  return (
    <SpaceBetween size="l">
      <Alert type="success" header="Access key created">
        This is the only time that the secret access key can be viewed or downloaded. You cannot recover it later. However, you can create a new access
        key any time.
      </Alert>
      <Container header={<Header description="If you lose or forget your secret access key, you cannot retrieve it. Instead, create a new access key and make the old key inactive.">Access key</Header>}>
        <KeyValuePairs
          columns={2}
          items={[
            { label: "Access key", value: <Copy text={made.AccessKeyId!} label="Access key" /> },
            { label: "Secret access key", value: <Secret text={made.SecretAccessKey!} label="Secret access key" /> },
          ]}
        />
      </Container>
      <Container header={<Header>Access key best practices</Header>}>
        <ul>
          <li>Never store your access key in plain text, in a code repository, or in code.</li>
          <li>Disable or delete access key when no longer needed.</li>
          <li>Enable least-privilege permissions.</li>
          <li>Rotate access keys regularly.</li>
        </ul>
      </Container>
    </SpaceBetween>
  );
}

/** Asks whether one means to go without the secret. */
export function Leave({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  return (
    <Modal
      visible
      header="Continue without downloading the access key?"
      closeAriaLabel="Close"
      onDismiss={onStay}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onStay}>Cancel</Button>
            <Button variant="primary" onClick={onLeave}>Continue</Button>
          </SpaceBetween>
        </Box>
      }
    >
      You did not download the .csv file. The secret access key can't be viewed or downloaded after you leave this page.
    </Modal>
  );
}
