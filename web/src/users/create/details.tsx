import type { PasswordPolicy } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Wanting } from "../../shared/wanting";
import { NewPasswordFields } from "../credentials/new-password";
import { nameRule } from "../name";
import type { Draft } from "./draft";

interface Props {
  draft: Draft;
  policy: PasswordPolicy | undefined;
  asked: boolean;
  nameError?: string;
  onChange: (some: Partial<Draft>) => void;
  onNext: () => void;
}

/** Step 1: the name, and whether the user may sign in to the console. */
export function Details({ draft, policy, asked, nameError, onChange, onNext }: Props) {
  return (
    <SpaceBetween size="l">
      <Wanting action="iam:CreateUser" />
      <Container header={<Header>User details</Header>}>
        <SpaceBetween size="l">
          <FormField label="User name" constraintText={nameRule("user")} errorText={nameError}>
            <Input value={draft.name} spellcheck={false} autoComplete={false} onChange={(e) => onChange({ name: e.detail.value.trim() })} onKeyDown={(e) => e.detail.key === "Enter" && onNext()} />
          </FormField>
          <Checkbox
            checked={draft.console}
            onChange={(e) => onChange({ console: e.detail.checked })}
            description="The user gets a password to sign in to this console with."
          >
            Provide user access to the AWS Management Console - <i>optional</i>
          </Checkbox>
          {draft.console && <NewPasswordFields value={draft.password} policy={policy} asked={asked} onChange={(password) => onChange({ password })} />}
          <Alert type="info">
            If you are creating programmatic access through access keys or service-specific credentials, you can generate them after you create this IAM user.
          </Alert>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
