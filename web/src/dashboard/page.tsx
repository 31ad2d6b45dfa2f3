import Alert from "@cloudscape-design/components/alert";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { GetAccountSummaryCommand, ListAccountAliasesCommand } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { useSession } from "../session";
import { Copy } from "../shared/copy";
import { ErrorAlert } from "../shared/errors";
import { follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { signInURL } from "../shared/sign-in-url";

/** What stands in the account, and what one should look after. */
export default function Dashboard() {
  const session = useSession()!;
  const summary = useLoad(async () => (await iam().send(new GetAccountSummaryCommand({}))).SummaryMap ?? {}, []);
  const alias = useLoad(async () => (await iam().send(new ListAccountAliasesCommand({}))).AccountAliases?.[0], []);
  const count = (key: "Groups" | "Users" | "Roles" | "Policies" | "Providers", path: string, name: string) => ({
    label: name,
    value: summary.data ? <Link variant="awsui-value-large" {...link(path)} onFollow={follow} ariaLabel={`${name}: ${summary.data[key] ?? 0}`}>{summary.data[key] ?? 0}</Link> : "-",
  });
  return (
    <Page title="IAM Dashboard">
      <ErrorAlert error={summary.error} onRetry={summary.reload} />
      {summary.data && <Advice summary={summary.data} root={session.principal.type === "root"} />}
      <Container header={<Header description="Resources in this AWS account">IAM resources</Header>}>
        <KeyValuePairs
          columns={4}
          items={[
            count("Groups", "/groups", "User groups"),
            count("Users", "/users", "Users"),
            count("Roles", "/roles", "Roles"),
            count("Policies", "/policies", "Policies"),
            count("Providers", "/identity-providers", "Identity providers"),
          ]}
        />
      </Container>
      <Container header={<Header>AWS account</Header>}>
        <ColumnLayout columns={3} variant="text-grid">
          <KeyValuePairs
            items={[
              { label: "Account ID", value: <Copy text={session.account.id} label="Account ID" /> },
              { label: "Account alias", value: alias.data ?? "-" },
            ]}
          />
          <KeyValuePairs items={[{ label: "Signed in as", value: <Copy text={session.principal.arn} label="ARN" /> }]} />
          <KeyValuePairs
            items={[
              {
                label: "Sign-in URL for IAM users in this account",
                value: <Copy text={signInURL({ ...session.account, alias: alias.data })} label="Sign-in URL" />,
              },
            ]}
          />
        </ColumnLayout>
      </Container>
      <Container header={<Header>Begin here</Header>}>
        <SpaceBetween size="xs">
          <Link {...link("/users/create")} onFollow={follow}>Create a user with access keys</Link>
          <Link {...link("/policies/create")} onFollow={follow}>Create a policy</Link>
          <Link {...link("/roles/create")} onFollow={follow}>Create a role</Link>
          <Link {...link("/cloudshell")} onFollow={follow}>Run AWS CLI commands in CloudShell</Link>
          <Link {...link("/simulator")} onFollow={follow}>Ask the policy simulator what somebody may do</Link>
        </SpaceBetween>
      </Container>
    </Page>
  );
}

function Advice({ summary, root }: { summary: Record<string, number>; root: boolean }) {
  const mfa = summary["AccountMFAEnabled"] === 1;
  const keys = (summary["AccountAccessKeysPresent"] ?? 0) > 0;
  if (mfa && !keys && !root) return null;
  return (
    <Container header={<Header>Security recommendations</Header>}>
      <SpaceBetween size="s">
        {!mfa && (
          <div>
            <StatusIndicator type="warning">Add MFA for root user</StatusIndicator> Have a second factor for the root user.{" "}
            {root && <Link {...link("/security-credentials")} onFollow={follow}>Add MFA</Link>}
          </div>
        )}
        {keys && (
          <div>
            <StatusIndicator type="warning">Deactivate or delete access keys for root user</StatusIndicator> Instead, use access keys of an IAM user or role.
          </div>
        )}
        {root && <Alert type="info">You are signed in as the root user, whom no policy of this account limits. For daily work, create a user.</Alert>}
      </SpaceBetween>
    </Container>
  );
}
