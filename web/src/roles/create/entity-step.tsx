import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import { TrustEditor } from "../../policy/trust-editor";
import type { Validate } from "../../policy/validation";
import { AccountTrust } from "./account-trust";
import { faultsOf, type EntityType, type TrustForm } from "./form";
import { SamlTrust } from "./saml-trust";
import { ServiceTrust } from "./service-trust";
import { WebIdentityTrust } from "./web-identity-trust";

export interface StepProps {
  form: TrustForm;
  put: (change: Partial<TrustForm>) => void;
  /** Faults are shown after the person has asked to go on. */
  faults: ReturnType<typeof faultsOf>;
  /** How the custom trust policy is checked. */
  validate: Validate;
}

const types: { value: EntityType; label: string; description: string }[] = [
  { value: "service", label: "AWS service", description: "Allow AWS services like EC2, Lambda, or others to perform actions in this account." },
  { value: "account", label: "AWS account", description: "Allow entities in other AWS accounts belonging to you or a 3rd party to perform actions in this account." },
  { value: "web", label: "Web identity", description: "Allows users federated by the specified external web identity provider to assume this role to perform actions in this account." },
  { value: "saml", label: "SAML 2.0 federation", description: "Allow users federated with SAML 2.0 from a corporate directory to perform actions in this account." },
  { value: "custom", label: "Custom trust policy", description: "Create a custom trust policy to enable others to perform actions in this account." },
];

/** "Select trusted entity". */
export function EntityStep(props: StepProps) {
  const { form, put, faults, validate } = props;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Trusted entity type</Header>}>
        <Tiles ariaLabel="Trusted entity type" items={types} columns={3} value={form.type} onChange={(e) => put({ type: e.detail.value as EntityType, extra: [] })} />
      </Container>
      {form.type === "service" && <ServiceTrust {...props} />}
      {form.type === "account" && <AccountTrust {...props} />}
      {form.type === "web" && <WebIdentityTrust {...props} />}
      {form.type === "saml" && <SamlTrust {...props} />}
      {form.type === "custom" && (
        <>
          <TrustEditor title="Custom trust policy" value={form.custom} onChange={(custom) => put({ custom })} validate={validate} />
          {faults.custom && <Alert type="error">{faults.custom}</Alert>}
        </>
      )}
    </SpaceBetween>
  );
}
