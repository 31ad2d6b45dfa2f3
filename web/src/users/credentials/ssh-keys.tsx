import { DeleteSSHPublicKeyCommand, paginateListSSHPublicKeys, UpdateSSHPublicKeyCommand, UploadSSHPublicKeyCommand, type SSHPublicKeyMetadata } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { iam } from "../../aws";
import { ActionButton } from "../../shared/action-button";
import { collect, useLoad, useWork } from "../../shared/load";
import { notify } from "../../shared/notify";
import { showTime } from "../../shared/time";
import { CredentialTable, Status } from "./credential-table";
import { Dialog } from "./dialog";
import { nameOf, type Owner } from "./owner";

const most = 5;

/** The public keys by which a user logs in to CodeCommit. */
export function SshKeys({ owner }: { owner: Owner }) {
  const of = nameOf(owner);
  const keys = useLoad(() => collect(paginateListSSHPublicKeys({ client: iam() }, of), (p) => p.SSHPublicKeys), [owner.arn]);
  const [adding, setAdding] = useState(false);
  return (
    <>
      <CredentialTable<SSHPublicKeyMetadata>
        title="SSH public keys for AWS CodeCommit"
        noun="SSH public key"
        description={`Use SSH public keys to authenticate access to AWS CodeCommit repositories. You can have a maximum of five SSH public keys (active or inactive) at a time.`}
        empty="No SSH public keys"
        loaded={keys}
        idOf={(k) => k.SSHPublicKeyId!}
        statusOf={(k) => k.Status}
        update="iam:UpdateSSHPublicKey"
        remove="iam:DeleteSSHPublicKey"
        resource={owner.arn}
        onSetActive={(k, on) => iam().send(new UpdateSSHPublicKeyCommand({ UserName: k.UserName, SSHPublicKeyId: k.SSHPublicKeyId, Status: on ? "Active" : "Inactive" }))}
        onRemove={(k) => iam().send(new DeleteSSHPublicKeyCommand({ UserName: k.UserName, SSHPublicKeyId: k.SSHPublicKeyId }))}
        columns={[
          { id: "id", header: "SSH key ID", cell: (k) => k.SSHPublicKeyId, isRowHeader: true },
          { id: "uploaded", header: "Uploaded", cell: (k) => showTime(k.UploadDate) },
          { id: "status", header: "Status", minWidth: 120, cell: (k) => <Status status={k.Status} /> },
        ]}
        add={
          <ActionButton
            action="iam:UploadSSHPublicKey"
            resource={owner.arn}
            disabled={(keys.data?.length ?? 0) >= most}
            disabledReason="A user can have five SSH public keys at most. Delete one first."
            onClick={() => setAdding(true)}
          >
            Upload SSH public key
          </ActionButton>
        }
      />
      {adding && (
        <Upload
          owner={owner}
          onCancel={() => setAdding(false)}
          onDone={(id) => {
            setAdding(false);
            keys.reload();
            notify("success", `SSH public key ${id} uploaded.`);
          }}
        />
      )}
    </>
  );
}

function Upload({ owner, onCancel, onDone }: { owner: Owner; onCancel: () => void; onDone: (id: string) => void }) {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const upload = () => {
    setAsked(true);
    if (text.trim() === "") return;
    void run(async () => {
      const out = await iam().send(new UploadSSHPublicKeyCommand({ UserName: owner.userName, SSHPublicKeyBody: text.trim() }));
      onDone(out.SSHPublicKey!.SSHPublicKeyId!);
    });
  };
  return (
    <Dialog title="Upload SSH public key" button="Upload SSH public key" busy={busy} error={error} onDo={upload} onCancel={onCancel}>
      <FormField
        label="SSH public key"
        description="The content of the file of your public key, such as ~/.ssh/id_rsa.pub"
        constraintText="An RSA key of 2048 bits at least, in ssh-rsa or PEM form."
        errorText={asked && text.trim() === "" && "Enter a public key."}
      >
        <Textarea value={text} rows={8} spellcheck={false} autoFocus placeholder="ssh-rsa AAAAB3NzaC1yc2E…" onChange={(e) => setText(e.detail.value)} />
      </FormField>
    </Dialog>
  );
}
