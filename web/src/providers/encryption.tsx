import { UpdateSAMLProviderCommand, type AssertionEncryptionModeType, type SAMLPrivateKey } from "@aws-sdk/client-iam";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { EditDialog } from "../shared/edit-dialog";
import { notify } from "../shared/notify";
import { showTime } from "../shared/time";
import { FileField, type ReadFile } from "./file-field";

const most = 2; // keys of a provider

interface Props {
  arn: string;
  mode: AssertionEncryptionModeType | undefined;
  keys: SAMLPrivateKey[];
  reload: () => void;
}

/** The private keys that decrypt a provider's assertions, and whether these must
 * be encrypted. */
export function Encryption({ arn, mode = "Allowed", keys, reload }: Props) {
  const [selected, setSelected] = useState<SAMLPrivateKey[]>([]);
  const [dialog, setDialog] = useState<"add" | "remove" | "mode">();
  const [file, setFile] = useState<ReadFile>();
  const [wanted, setWanted] = useState<AssertionEncryptionModeType>(mode);
  const update = (change: { AddPrivateKey?: string; RemovePrivateKey?: string; AssertionEncryptionMode?: AssertionEncryptionModeType }) =>
    iam().send(new UpdateSAMLProviderCommand({ SAMLProviderArn: arn, ...change }));
  const end = () => {
    setDialog(undefined);
    setFile(undefined);
  };
  const done = (message: string) => {
    end();
    setSelected([]);
    reload();
    notify("success", message);
  };
  const button = { action: "iam:UpdateSAMLProvider", resource: arn };
  return (
    <>
      <Table<SAMLPrivateKey>
        items={keys}
        trackBy="KeyId"
        selectionType="single"
        selectedItems={selected}
        onSelectionChange={(e) => setSelected(e.detail.selectedItems)}
        ariaLabels={{ tableLabel: "Private keys", selectionGroupLabel: "Select a private key", itemSelectionLabel: (_, k) => `Select ${k.KeyId}` }}
        wrapLines
        header={
          <Header
            counter={`(${keys.length})`}
            description="They decrypt the assertions that your IdP encrypts for this provider. With two, you can change from one to the other."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <ActionButton {...button} disabled={selected.length === 0} disabledReason="Select a private key first" onClick={() => setDialog("remove")}>Remove</ActionButton>
                <ActionButton {...button} disabled={keys.length === 0} disabledReason="Add a private key first" onClick={() => (setWanted(mode), setDialog("mode"))}>
                  Encryption mode
                </ActionButton>
                <ActionButton {...button} disabled={keys.length >= most} disabledReason={`A provider has at most ${most} private keys`} onClick={() => setDialog("add")}>
                  Add private key
                </ActionButton>
              </SpaceBetween>
            }
          >
            Private keys
          </Header>
        }
        empty="No private keys: encrypted assertions can't be read."
        columnDefinitions={[
          { id: "id", header: "Key ID", cell: (k) => <span className="break-anywhere">{k.KeyId}</span>, isRowHeader: true },
          { id: "time", header: "Upload time", cell: (k) => showTime(k.Timestamp) },
        ]}
      />
      {dialog === "add" && (
        <EditDialog
          title="Add private key"
          button="Add private key"
          ready={file !== undefined}
          work={() => update({ AddPrivateKey: file!.text })}
          onDone={() => done("Private key added.")}
          onCancel={end}
        >
          <FileField label="Private key" constraintText="An RSA private key in .pem format." accept=".pem,.key" value={file} onChange={setFile} />
        </EditDialog>
      )}
      {dialog === "mode" && (
        <EditDialog
          title="Encryption mode"
          button="Save changes"
          ready={wanted !== mode}
          work={() => update({ AssertionEncryptionMode: wanted })}
          onDone={() => done("Encryption mode updated.")}
          onCancel={end}
        >
          <RadioGroup
            ariaLabel="Encryption mode"
            value={wanted}
            onChange={(e) => setWanted(e.detail.value as AssertionEncryptionModeType)}
            items={[
              { value: "Required", label: "Required", description: "Only encrypted assertions are taken." },
              { value: "Allowed", label: "Allowed", description: "Assertions may be encrypted or not." },
            ]}
          />
        </EditDialog>
      )}
      {dialog === "remove" && (
        <Confirm
          title="Remove private key?"
          button="Remove"
          warning="Assertions that are encrypted for this key can't be read any longer."
          work={() => update({ RemovePrivateKey: selected[0]!.KeyId })}
          onDone={() => done("Private key removed.")}
          onCancel={end}
        >
          Remove private key <b>{selected[0]!.KeyId}</b>?
        </Confirm>
      )}
    </>
  );
}
