import { GetAccountPasswordPolicyCommand, type PasswordPolicy } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { ErrorAlert, isMissing } from "../shared/errors";
import { href } from "../shared/link";
import { useLoad } from "../shared/load";
import { rules } from "./password-policy";

/** The account's own password policy; null when IAM's default holds. */
export async function passwordPolicy(): Promise<PasswordPolicy | null> {
  try {
    return (await iam().send(new GetAccountPasswordPolicyCommand({}))).PasswordPolicy!;
  } catch (e) {
    if (isMissing(e)) return null;
    throw e;
  }
}

export function PasswordPolicySection() {
  const policy = useLoad(passwordPolicy, []);
  return (
    <Container
      header={
        <Header
          description={policy.data === undefined ? "Configure the password requirements for the IAM users." : `This AWS account uses the following ${policy.data ? "custom" : "default"} password policy.`}
          actions={<ActionButton action="iam:UpdateAccountPasswordPolicy" ariaLabel="Edit password policy" href={href("/account-settings/password-policy/edit")}>Edit</ActionButton>}
        >
          Password policy
        </Header>
      }
    >
      <SpaceBetween size="s">
        <ErrorAlert error={policy.error} onRetry={policy.reload} />
        {policy.data === undefined ? policy.loading && <Spinner /> : <Rules policy={policy.data ?? undefined} />}
      </SpaceBetween>
    </Container>
  );
}

export function Rules({ policy }: { policy: PasswordPolicy | undefined }) {
  const { strength, other } = rules(policy);
  return (
    <ColumnLayout columns={2} variant="text-grid">
      <div>
        <Box variant="awsui-key-label">Password strength</Box>
        <ul>{strength.map((r) => <li key={r}>{r}</li>)}</ul>
      </div>
      <div>
        <Box variant="awsui-key-label">Other requirements</Box>
        <ul>{other.map((r) => <li key={r}>{r}</li>)}</ul>
      </div>
    </ColumnLayout>
  );
}
