import { DeleteSigningCertificateCommand, paginateListSigningCertificates, UpdateSigningCertificateCommand, UploadSigningCertificateCommand, type SigningCertificate } from "@aws-sdk/client-iam";
import FileUpload from "@cloudscape-design/components/file-upload";
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

const most = 2;

/** The certificates that requests to old SOAP services are signed by. */
export function SigningCertificates({ owner }: { owner: Owner }) {
  const of = nameOf(owner);
  const certificates = useLoad(() => collect(paginateListSigningCertificates({ client: iam() }, of), (p) => p.Certificates), [owner.arn]);
  const [adding, setAdding] = useState(false);
  return (
    <>
      <CredentialTable<SigningCertificate>
        title="X.509 signing certificates"
        noun="signing certificate"
        description="Use X.509 certificates to make secure SOAP-protocol requests to some AWS services. You can have a maximum of two X.509 certificates (active or inactive) at a time."
        empty="No X.509 certificates"
        loaded={certificates}
        idOf={(c) => c.CertificateId!}
        statusOf={(c) => c.Status}
        update="iam:UpdateSigningCertificate"
        remove="iam:DeleteSigningCertificate"
        resource={owner.arn}
        onSetActive={(c, on) => iam().send(new UpdateSigningCertificateCommand({ ...of, CertificateId: c.CertificateId, Status: on ? "Active" : "Inactive" }))}
        onRemove={(c) => iam().send(new DeleteSigningCertificateCommand({ ...of, CertificateId: c.CertificateId }))}
        columns={[
          { id: "id", header: "Thumbprint", cell: (c) => c.CertificateId, isRowHeader: true },
          { id: "uploaded", header: "Uploaded", cell: (c) => showTime(c.UploadDate) },
          { id: "status", header: "Status", minWidth: 120, cell: (c) => <Status status={c.Status} /> },
        ]}
        add={
          <ActionButton
            action="iam:UploadSigningCertificate"
            resource={owner.arn}
            disabled={(certificates.data?.length ?? 0) >= most}
            disabledReason="There can be two X.509 certificates at most. Delete one first."
            onClick={() => setAdding(true)}
          >
            Upload X.509 certificate
          </ActionButton>
        }
      />
      {adding && (
        <Upload
          owner={owner}
          onCancel={() => setAdding(false)}
          onDone={(id) => {
            setAdding(false);
            certificates.reload();
            notify("success", `X.509 certificate ${id} uploaded.`);
          }}
        />
      )}
    </>
  );
}

function Upload({ owner, onCancel, onDone }: { owner: Owner; onCancel: () => void; onDone: (id: string) => void }) {
  const [text, setText] = useState("");
  const [file, setFile] = useState<File>();
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const take = async (chosen: File | undefined) => {
    setFile(chosen);
    if (chosen) setText(await chosen.slice(0, 64 * 1024).text());
  };
  const upload = () => {
    setAsked(true);
    if (text.trim() === "") return;
    void run(async () => {
      const out = await iam().send(new UploadSigningCertificateCommand({ ...nameOf(owner), CertificateBody: text.trim() + "\n" }));
      onDone(out.Certificate!.CertificateId!);
    });
  };
  return (
    <Dialog title="Upload X.509 certificate" button="Upload certificate" busy={busy} error={error} onDo={upload} onCancel={onCancel}>
      <FormField label="Certificate" description="In PEM form. Keep the private key to yourself." errorText={asked && text.trim() === "" && "Enter a certificate, or choose its file."}>
        <Textarea value={text} rows={8} spellcheck={false} placeholder="-----BEGIN CERTIFICATE-----" onChange={(e) => setText(e.detail.value)} />
      </FormField>
      <FileUpload
        value={file ? [file] : []}
        onChange={(e) => void take(e.detail.value[0])}
        accept=".pem,.crt,.cer"
        i18nStrings={{
          uploadButtonText: () => "Choose file",
          dropzoneText: () => "Drop the file here",
          removeFileAriaLabel: () => "Remove the file",
          limitShowFewer: "Show fewer files",
          limitShowMore: "Show more files",
          errorIconAriaLabel: "Error",
        }}
      />
    </Dialog>
  );
}
