import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { readThumbprints, thumbprintsFault, urlFault } from "./providers";

export interface OpenIDForm {
  url: string;
  audience: string;
  thumbprints: string;
}

export const emptyOpenID: OpenIDForm = { url: "", audience: "", thumbprints: "" };

export type Faults = Record<string, string>;

export function openIDFaults(form: OpenIDForm): Faults {
  const thumbprints = thumbprintsFault(readThumbprints(form.thumbprints));
  const url = urlFault(form.url);
  return {
    ...(url && { url }),
    ...(form.audience.trim() === "" && { audience: "Enter an audience." }),
    ...(form.audience.trim().length > 255 && { audience: "An audience has at most 255 characters." }),
    ...(thumbprints && { thumbprints }),
  };
}

interface Props {
  form: OpenIDForm;
  onChange: (form: OpenIDForm) => void;
  faults: Faults;
}

export function OpenIDFields({ form, onChange, faults }: Props) {
  return (
    <SpaceBetween size="m">
      <FormField label="Provider URL" description={<>Specify the secure OpenID Connect URL for authentication requests.</>} constraintText="For example https://token.actions.githubusercontent.com" errorText={faults.url}>
        <Input value={form.url} type="url" inputMode="url" spellcheck={false} placeholder="https://" onChange={(e) => onChange({ ...form, url: e.detail.value })} />
      </FormField>
      <FormField label="Audience" description="Specify the client ID issued by the identity provider for your app." constraintText="For GitHub: sts.amazonaws.com" errorText={faults.audience}>
        <Input value={form.audience} spellcheck={false} onChange={(e) => onChange({ ...form, audience: e.detail.value })} />
      </FormField>
      <FormField
        label={<>Thumbprints - <i>optional</i></>}
        description="SHA-1 hashes of certificates that the provider's server may show. Without any, the thumbprint is got from the provider's server when you add it."
        constraintText="At most 5, each of 40 hexadecimal digits."
        errorText={faults.thumbprints}
      >
        <Textarea value={form.thumbprints} rows={2} spellcheck={false} onChange={(e) => onChange({ ...form, thumbprints: e.detail.value })} />
      </FormField>
    </SpaceBetween>
  );
}
