import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { ConditionsField } from "./conditions-field";
import type { StepProps } from "./entity-step";
import { samlEndpoint } from "./form";
import { ProviderField } from "./provider-field";

const attributes = ["SAML:aud", "SAML:iss", "SAML:sub", "SAML:sub_type", "SAML:namequalifier", "SAML:cn", "SAML:mail", "SAML:uid", "SAML:eduPersonAffiliation", "SAML:eduPersonOrgDN", "SAML:organizationStatus"];

/** A provider, what its users may use, and which attribute must have which value. */
export function SamlTrust({ form, put, faults }: StepProps) {
  return (
    <Container header={<Header variant="h2" description="Allow users federated with SAML 2.0 from a corporate directory to perform actions in this account.">SAML 2.0 federation</Header>}>
      <SpaceBetween size="m">
        <ProviderField kind="saml" value={form.saml} errorText={faults.saml} onChange={(saml) => put({ saml })} />
        <FormField label="Access to be allowed">
          <RadioGroup
            value={form.samlConsole ? "console" : "programmatic"}
            onChange={(e) =>
              put(e.detail.value === "console" ? { samlConsole: true, samlAttribute: "SAML:aud", samlValue: samlEndpoint } : { samlConsole: false, samlAttribute: "", samlValue: "" })
            }
            items={[
              { value: "programmatic", label: "Allow programmatic access only" },
              { value: "console", label: "Allow programmatic and AWS Management Console access" },
            ]}
          />
        </FormField>
        <FormField label={form.samlConsole ? "Attribute" : <>Attribute - <i>optional</i></>}>
          <Select
            placeholder="Choose an attribute"
            disabled={form.samlConsole}
            options={[{ value: "", label: "None" }, ...attributes.map((value) => ({ value, label: value }))]}
            selectedOption={form.samlAttribute ? { value: form.samlAttribute, label: form.samlAttribute } : null}
            onChange={(e) => put({ samlAttribute: e.detail.selectedOption.value! })}
          />
        </FormField>
        {form.samlAttribute !== "" && (
          <FormField label="Value" errorText={faults.samlValue}>
            <Input value={form.samlValue} disabled={form.samlConsole} spellcheck={false} onChange={(e) => put({ samlValue: e.detail.value })} />
          </FormField>
        )}
        <ConditionsField keys={attributes} conditions={form.extra} errorText={faults.extra} onChange={(extra) => put({ extra })} />
      </SpaceBetween>
    </Container>
  );
}
