import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { GetUserCommand } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { useSession } from "../session";
import { Copy } from "../shared/copy";
import { ErrorAlert } from "../shared/errors";
import { useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { showTime } from "../shared/time";
import { AccessKeys } from "../users/credentials/access-keys";
import { keysOf } from "../users/credentials/keys";
import { MfaDevices } from "../users/credentials/mfa-devices";
import { ownOwner } from "../users/credentials/own";
import type { Owner } from "../users/credentials/owner";
import { apiKeys, gitCredentials, keyspacesCredentials, ServiceCredentials } from "../users/credentials/service-credentials";
import { SigningCertificates } from "../users/credentials/signing-certificates";
import { SshKeys } from "../users/credentials/ssh-keys";
import { OwnPassword } from "./security-credentials-password";

/** The signed-in person's own credentials. */
export default function SecurityCredentials() {
  const session = useSession()!;
  const owner = ownOwner(session);
  if (!owner) {
    return (
      <Page title="My security credentials">
        <Alert type="info" header="You are signed in by a role">
          A role has no credentials of its own: it gives keys that end. Switch back to your own session to see your credentials.
        </Alert>
      </Page>
    );
  }
  return <Own owner={owner} />;
}

function Own({ owner }: { owner: Owner }) {
  const { account, principal } = useSession()!;
  const keys = useLoad(() => keysOf(owner), [owner.arn]);
  const user = useLoad(async () => (await iam().send(new GetUserCommand({}))).User, [owner.arn]);
  const root = owner.userName === undefined;
  const title = root ? "My security credentials (root user)" : "My security credentials";
  return (
    <Page
      title={title}
      description={root ? "The root user has access to all AWS resources in this account, and we recommend following best practices." : "Your password, MFA devices, access keys and other credentials."}
    >
      {root && (
        <Alert type="warning" header="You are using the root user">
          No policy of this account limits the root user. Give it MFA, delete its access keys, and use an IAM user or a role for daily work.
        </Alert>
      )}
      {!root && user.error !== undefined && <ErrorAlert error={user.error} onRetry={user.reload} />}
      <Container header={<Header>{root ? "Account details" : "AWS account and user details"}</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            ...(root ? [{ label: "Email address", value: <span className="break-anywhere">{principal.name}</span> }] : [{ label: "User name", value: <span className="break-anywhere">{principal.name}</span> }]),
            { label: "ARN", value: <Copy text={owner.arn} label="ARN" /> },
            { label: "AWS account ID", value: <Copy text={account.id} label="AWS account ID" /> },
            ...(account.name ? [{ label: "Account name", value: account.name }] : []),
            ...(user.data?.UserId && !root ? [{ label: "User ID", value: user.data.UserId }] : []),
            ...(user.data?.CreateDate ? [{ label: "Created", value: showTime(user.data.CreateDate) }] : []),
          ]}
        />
      </Container>
      <OwnPassword root={root} />
      <MfaDevices owner={owner} />
      <AccessKeys owner={owner} keys={keys} />
      {!root && (
        <>
          <ServiceCredentials owner={owner} kind={apiKeys} />
          <SshKeys owner={owner} />
          <ServiceCredentials owner={owner} kind={gitCredentials} />
          <ServiceCredentials owner={owner} kind={keyspacesCredentials} />
        </>
      )}
      <SigningCertificates owner={owner} />
    </Page>
  );
}
