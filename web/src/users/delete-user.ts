import {
  DeactivateMFADeviceCommand, DeleteAccessKeyCommand, DeleteLoginProfileCommand, DeleteServiceSpecificCredentialCommand, DeleteSigningCertificateCommand,
  DeleteSSHPublicKeyCommand, DeleteUserCommand, DeleteUserPolicyCommand, DeleteVirtualMFADeviceCommand, DetachUserPolicyCommand, ListServiceSpecificCredentialsCommand,
  paginateListAccessKeys, paginateListAttachedUserPolicies, paginateListGroupsForUser, paginateListMFADevices, paginateListSigningCertificates, paginateListSSHPublicKeys,
  paginateListUserPolicies, RemoveUserFromGroupCommand,
} from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { isMissing } from "../shared/errors";
import { collect } from "../shared/load";
import { isVirtual } from "./credentials/owner";

/** Deletes a user and before that, as AWS's console does, whatever hangs on it. */
export async function deleteUser(UserName: string): Promise<void> {
  const of = { UserName };
  const client = iam();
  for (const { AccessKeyId } of await collect(paginateListAccessKeys({ client }, of), (p) => p.AccessKeyMetadata)) {
    await client.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  }
  await client.send(new DeleteLoginProfileCommand(of)).catch(unlessMissing);
  for (const { SerialNumber } of await collect(paginateListMFADevices({ client }, of), (p) => p.MFADevices)) {
    await client.send(new DeactivateMFADeviceCommand({ UserName, SerialNumber }));
    if (isVirtual(SerialNumber!)) await client.send(new DeleteVirtualMFADeviceCommand({ SerialNumber }));
  }
  for (const { CertificateId } of await collect(paginateListSigningCertificates({ client }, of), (p) => p.Certificates)) {
    await client.send(new DeleteSigningCertificateCommand({ UserName, CertificateId }));
  }
  for (const { SSHPublicKeyId } of await collect(paginateListSSHPublicKeys({ client }, of), (p) => p.SSHPublicKeys)) {
    await client.send(new DeleteSSHPublicKeyCommand({ UserName, SSHPublicKeyId }));
  }
  const logins = await client.send(new ListServiceSpecificCredentialsCommand(of));
  for (const { ServiceSpecificCredentialId } of logins.ServiceSpecificCredentials ?? []) {
    await client.send(new DeleteServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId }));
  }
  for (const PolicyName of await collect(paginateListUserPolicies({ client }, of), (p) => p.PolicyNames)) {
    await client.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
  }
  for (const { PolicyArn } of await collect(paginateListAttachedUserPolicies({ client }, of), (p) => p.AttachedPolicies)) {
    await client.send(new DetachUserPolicyCommand({ UserName, PolicyArn }));
  }
  for (const { GroupName } of await collect(paginateListGroupsForUser({ client }, of), (p) => p.Groups)) {
    await client.send(new RemoveUserFromGroupCommand({ UserName, GroupName }));
  }
  await client.send(new DeleteUserCommand(of));
}

function unlessMissing(e: unknown): void {
  if (!isMissing(e)) throw e;
}
