import FormField from "@cloudscape-design/components/form-field";
import Button from "@cloudscape-design/components/button";
import Select from "@cloudscape-design/components/select";
import { listOpenID, listSaml, type ProviderKind } from "../../providers/providers";
import { describe } from "../../shared/errors";
import { href } from "../../shared/link";
import { useLoad } from "../../shared/load";

interface Props {
  kind: ProviderKind;
  value: string; // ARN
  onChange: (arn: string) => void;
  errorText?: string;
}

/** One of the account's identity providers; a new one is made in another tab. */
export function ProviderField({ kind, value, onChange, errorText }: Props) {
  const providers = useLoad(kind === "oidc" ? listOpenID : listSaml, [kind]);
  const options = (providers.data ?? []).map((p) => ({ value: p.arn, label: p.name }));
  return (
    <FormField
      label={kind === "oidc" ? "Identity provider" : "SAML 2.0-based provider"}
      errorText={errorText}
      secondaryControl={
        <Button iconName="external" iconAlign="right" ariaLabel="Create new provider (opens in a new tab)" href={href("/identity-providers/create")} target="_blank">
          Create new
        </Button>
      }
    >
      <Select
        placeholder="Choose an identity provider"
        statusType={providers.loading ? "loading" : providers.error ? "error" : "finished"}
        loadingText="Loading identity providers"
        errorText={providers.error ? describe(providers.error).message : undefined}
        recoveryText="Retry"
        empty="No identity providers of this kind. Create one first."
        options={options}
        selectedOption={options.find((o) => o.value === value) ?? null}
        onLoadItems={() => providers.error && providers.reload()}
        onFocus={() => providers.data && providers.reload()}
        onChange={(e) => onChange(e.detail.selectedOption.value!)}
      />
    </FormField>
  );
}
