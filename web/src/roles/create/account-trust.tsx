import Alert from "@cloudscape-design/components/alert";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSession } from "../../session";
import type { StepProps } from "./entity-step";

/** This account or another, with its options. */
export function AccountTrust({ form, put, faults }: StepProps) {
  const own = useSession()!.account.id;
  return (
    <Container header={<Header variant="h2" description="Allow entities in other AWS accounts belonging to you or a 3rd party to perform actions in this account.">An AWS account</Header>}>
      <SpaceBetween size="m">
        <RadioGroup
          ariaLabel="An AWS account"
          value={form.other ? "other" : "this"}
          onChange={(e) => put({ other: e.detail.value === "other" })}
          items={[
            { value: "this", label: `This account (${own})` },
            { value: "other", label: "Another AWS account" },
          ]}
        />
        {form.other && (
          <FormField label="Account ID" description="Identifier of the account that can use this role" constraintText="Account ID is a 12-digit number." errorText={faults.account}>
            <Input value={form.account} inputMode="numeric" autoComplete={false} onChange={(e) => put({ account: e.detail.value })} />
          </FormField>
        )}
        <FormField label="Options">
          <SpaceBetween size="s">
            <Checkbox
              checked={form.needsExternalId}
              onChange={(e) => put({ needsExternalId: e.detail.checked })}
              description="Best practice when a third party will assume this role"
            >
              Require external ID
            </Checkbox>
            {form.needsExternalId && (
              <SpaceBetween size="s">
                <FormField
                  label="External ID"
                  description="The third party gives it with each call to assume the role, so that it can't be made to use your role for another of its customers."
                  errorText={faults.externalId}
                >
                  <Input value={form.externalId} autoComplete={false} spellcheck={false} onChange={(e) => put({ externalId: e.detail.value })} />
                </FormField>
                <Alert type="info">The console does not support using an external ID with the Switch Role feature. Users of such a role use the API, the CLI or a custom federation proxy.</Alert>
              </SpaceBetween>
            )}
            <Checkbox checked={form.mfa} onChange={(e) => put({ mfa: e.detail.checked })} description="Requires that the assuming entity use multi-factor authentication">
              Require MFA
            </Checkbox>
          </SpaceBetween>
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
