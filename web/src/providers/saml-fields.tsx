import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { FileField, type ReadFile } from "./file-field";
import type { Faults } from "./openid-fields";

export interface SamlForm {
  name: string;
  metadata?: ReadFile;
  key?: ReadFile;
  required: boolean; // assertions must be encrypted
}

export const emptySaml: SamlForm = { name: "", required: false };

export function samlFaults(form: SamlForm): Faults {
  return {
    ...(!/^[\w.-]{1,128}$/.test(form.name) && { name: form.name === "" ? "Enter a provider name." : "Use at most 128 letters, digits, and the characters . _ -" }),
    ...(!form.metadata && { metadata: "Choose the metadata document." }),
    ...(form.metadata && metadataFault(form.metadata) && { metadata: metadataFault(form.metadata)! }),
  };
}

/** What is wrong with a metadata document at first sight, or nothing. */
export function metadataFault({ file, text }: ReadFile): string | undefined {
  if (file.size > 10_000_000) return "The document must be under 10 MB.";
  return text.includes("EntityDescriptor") ? undefined : "This is no SAML metadata document: it is XML with an EntityDescriptor.";
}

interface Props {
  form: SamlForm;
  onChange: (form: SamlForm) => void;
  faults: Faults;
}

export function SamlFields({ form, onChange, faults }: Props) {
  return (
    <SpaceBetween size="m">
      <FormField label="Provider name" description="Enter a meaningful name to identify this provider" constraintText="Maximum 128 characters. Use alphanumeric or '._-' characters." errorText={faults.name}>
        <Input value={form.name} spellcheck={false} autoComplete={false} onChange={(e) => onChange({ ...form, name: e.detail.value })} />
      </FormField>
      <FileField
        label="Metadata document"
        description="This document is issued by your IdP."
        constraintText="File needs to be a valid UTF-8 XML document."
        accept=".xml,text/xml,application/xml"
        errorText={faults.metadata}
        value={form.metadata}
        onChange={(metadata) => onChange({ ...form, metadata })}
      />
      <FileField
        label={<>Private key for SAML encryption - <i>optional</i></>}
        description="Decrypts the assertions that your IdP encrypts for this provider."
        constraintText="An RSA private key in .pem format."
        accept=".pem,.key"
        value={form.key}
        onChange={(key) => onChange({ ...form, key, required: form.required && key !== undefined })}
      />
      {form.key && (
        <Checkbox checked={form.required} onChange={(e) => onChange({ ...form, required: e.detail.checked })} description="Otherwise, assertions may be encrypted or not.">
          Require encrypted assertions
        </Checkbox>
      )}
    </SpaceBetween>
  );
}
