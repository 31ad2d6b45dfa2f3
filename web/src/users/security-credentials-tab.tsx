import type { LoginProfile, User } from "@aws-sdk/client-iam";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Loaded } from "../shared/load";
import { AccessKeys } from "./credentials/access-keys";
import { ConsoleSignIn } from "./credentials/console-sign-in";
import type { AccessKey } from "./credentials/keys";
import { MfaDevices } from "./credentials/mfa-devices";
import type { Owner } from "./credentials/owner";
import { apiKeys, gitCredentials, keyspacesCredentials, ServiceCredentials } from "./credentials/service-credentials";
import { SigningCertificates } from "./credentials/signing-certificates";
import { SshKeys } from "./credentials/ssh-keys";

interface Props {
  user: User;
  owner: Owner & { userName: string };
  login: Loaded<LoginProfile | null>;
  keys: Loaded<AccessKey[]>;
  onChange: () => void;
}

/** By what a user proves who it is. */
export function SecurityCredentialsTab({ user, owner, login, keys, onChange }: Props) {
  return (
    <SpaceBetween size="l">
      <ConsoleSignIn owner={owner} login={login} lastSignIn={user.PasswordLastUsed} onChange={onChange} />
      <MfaDevices owner={owner} onChange={onChange} />
      <AccessKeys owner={owner} keys={keys} />
      <ServiceCredentials owner={owner} kind={apiKeys} />
      <SshKeys owner={owner} />
      <ServiceCredentials owner={owner} kind={gitCredentials} />
      <ServiceCredentials owner={owner} kind={keyspacesCredentials} />
      <SigningCertificates owner={owner} />
    </SpaceBetween>
  );
}
