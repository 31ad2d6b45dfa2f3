import { UploadServerCertificateCommand } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { iam } from "../aws";
import { EditDialog } from "../shared/edit-dialog";

interface Props {
  onDone: (name: string) => void;
  onCancel: () => void;
}

/** What is wrong with a PEM text, or nothing. */
function pemFault(text: string, kind: RegExp, what: string): string | undefined {
  return text.trim() === "" || kind.test(text) ? undefined : `Paste ${what} in PEM format: it begins with -----BEGIN`;
}

export function UploadCertificate({ onDone, onCancel }: Props) {
  const [name, setName] = useState("");
  const [path, setPath] = useState("/");
  const [body, setBody] = useState("");
  const [key, setKey] = useState("");
  const [chain, setChain] = useState("");
  const faults = {
    name: name === "" || /^[\w+=,.@-]{1,128}$/.test(name) ? undefined : "Use at most 128 letters, digits, and the characters + = , . @ - _",
    path: /^\/([!-~]{0,510}\/)?$/.test(path) ? undefined : "A path begins and ends with a slash.",
    body: pemFault(body, /-----BEGIN CERTIFICATE-----/, "a certificate"),
    key: pemFault(key, /-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key without a password"),
    chain: pemFault(chain, /-----BEGIN CERTIFICATE-----/, "certificates"),
  };
  return (
    <EditDialog
      title="Upload server certificate"
      button="Upload certificate"
      ready={name !== "" && body !== "" && key !== "" && Object.values(faults).every((f) => f === undefined)}
      work={() =>
        iam().send(
          new UploadServerCertificateCommand({ ServerCertificateName: name, Path: path, CertificateBody: body.trim(), PrivateKey: key.trim(), CertificateChain: chain.trim() || undefined }),
        )
      }
      onDone={() => onDone(name)}
      onCancel={onCancel}
    >
      <FormField label="Certificate name" errorText={faults.name}>
        <Input value={name} spellcheck={false} autoComplete={false} onChange={(e) => setName(e.detail.value)} />
      </FormField>
      <FormField label="Path" errorText={faults.path}>
        <Input value={path} spellcheck={false} onChange={(e) => setPath(e.detail.value)} />
      </FormField>
      <FormField label="Certificate body" constraintText="In PEM format." errorText={faults.body}>
        <Textarea value={body} rows={4} spellcheck={false} onChange={(e) => setBody(e.detail.value)} />
      </FormField>
      <FormField label="Private key" constraintText="In PEM format, without a password." errorText={faults.key}>
        <Textarea value={key} rows={4} spellcheck={false} autoComplete={false} onChange={(e) => setKey(e.detail.value)} />
      </FormField>
      <FormField label={<>Certificate chain - <i>optional</i></>} constraintText="In PEM format, one after the other." errorText={faults.chain}>
        <Textarea value={chain} rows={3} spellcheck={false} onChange={(e) => setChain(e.detail.value)} />
      </FormField>
    </EditDialog>
  );
}
