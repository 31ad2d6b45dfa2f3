// What the AWS CLI knows of the services beside what the SDK's schemas say. A test
// holds all of it against the CLI's own data.

/**
 * The order in which AWS's models have the members of some structures. The SDK puts
 * those that are required first; the CLI prints them in this order.
 */
export const memberOrder: Record<string, string> = {
  AccessKeyLastUsed: "LastUsedDate ServiceName Region",
  CreateDelegationRequestRequest: "OwnerAccountId Description Permissions RequestMessage RequestorWorkflowId RedirectUrl NotificationChannel SessionDuration OnlySendByOwner",
  CreateGroupRequest: "Path GroupName",
  CreatePolicyRequest: "PolicyName Path PolicyDocument Description Tags",
  CreateRoleRequest: "Path RoleName AssumeRolePolicyDocument Description MaxSessionDuration PermissionsBoundary Tags",
  CreateUserRequest: "Path UserName PermissionsBoundary Tags",
  CreateVirtualMFADeviceRequest: "Path VirtualMFADeviceName Tags",
  DeactivateMFADeviceRequest: "UserName SerialNumber",
  DeleteAccessKeyRequest: "UserName AccessKeyId",
  DeleteServiceSpecificCredentialRequest: "UserName ServiceSpecificCredentialId",
  DeleteSigningCertificateRequest: "UserName CertificateId",
  EvaluationResult: "EvalActionName EvalResourceName EvalDecision MatchedStatements MissingContextValues OrganizationsDecisionDetail PermissionsBoundaryDecisionDetail EvalDecisionDetails ResourceSpecificResults",
  GetMFADeviceResponse: "UserName SerialNumber EnableDate Certifications",
  GetServiceLastAccessedDetailsResponse: "JobStatus JobType JobCreationDate ServicesLastAccessed JobCompletionDate IsTruncated Marker Error",
  GetWebIdentityTokenRequest: "Audience DurationSeconds SigningAlgorithm Tags",
  InviteOrganizationToTransferResponsibilityRequest: "Type Target Notes StartTimestamp SourceName Tags",
  ListPoliciesGrantingServiceAccessRequest: "Marker Arn ServiceNamespaces",
  ResetServiceSpecificCredentialRequest: "UserName ServiceSpecificCredentialId",
  ServiceLastAccessed: "ServiceName LastAuthenticated ServiceNamespace LastAuthenticatedEntity LastAuthenticatedRegion TotalAuthenticatedEntities TrackedActionsLastAccessed",
  ServiceSpecificCredential: "CreateDate ExpirationDate ServiceName ServiceUserName ServicePassword ServiceCredentialAlias ServiceCredentialSecret ServiceSpecificCredentialId UserName Status",
  ServiceSpecificCredentialMetadata: "UserName Status ServiceUserName ServiceCredentialAlias CreateDate ExpirationDate ServiceSpecificCredentialId ServiceName",
  SimulateCustomPolicyRequest: "PolicyInputList PermissionsBoundaryPolicyInputList OrderedOrganizationPolicyInputList ActionNames ResourceArns ResourcePolicy ResourceOwner CallerArn ContextEntries ResourceHandlingOption MaxItems Marker",
  SimulatePrincipalPolicyRequest: "PolicySourceArn PolicyInputList PermissionsBoundaryPolicyInputList PolicyExclusionList ActionNames ResourceArns ResourcePolicy ResourceOwner CallerArn ContextEntries ResourceHandlingOption MaxItems Marker",
  UpdateAccessKeyRequest: "UserName AccessKeyId Status",
  UpdateSAMLProviderRequest: "SAMLMetadataDocument SAMLProviderArn AssertionEncryptionMode AddPrivateKey RemovePrivateKey",
  UpdateServiceSpecificCredentialRequest: "UserName ServiceSpecificCredentialId Status",
  UpdateSigningCertificateRequest: "UserName CertificateId Status",
  UploadServerCertificateRequest: "Path ServerCertificateName CertificateBody PrivateKey CertificateChain Tags",
  UploadSigningCertificateRequest: "UserName CertificateBody",
};

/** Members of answers that are documents: the CLI prints them as JSON, not as a text of it. */
export const documents = new Set([
  "GetGroupPolicyResponse.PolicyDocument",
  "GetRolePolicyResponse.PolicyDocument",
  "GetUserPolicyResponse.PolicyDocument",
  "PolicyDetail.PolicyDocument",
  "PolicyVersion.Document",
  "Role.AssumeRolePolicyDocument",
  "RoleDetail.AssumeRolePolicyDocument",
]);

/** Other names that options have; the CLI's help does not tell of them. */
export const aliases: Record<string, string> = {
  "EnableMFADevice.AuthenticationCode1": "authentication-code-1",
  "EnableMFADevice.AuthenticationCode2": "authentication-code-2",
  "ResyncMFADevice.AuthenticationCode1": "authentication-code-1",
  "ResyncMFADevice.AuthenticationCode2": "authentication-code-2",
};

/** Members that a list has once, where the CLI prints them in an order of its own. */
export const onceOrder: Record<string, string[]> = {
  ListEffectivePolicyValidationErrors: ["PolicyType", "AccountId", "EvaluationTimestamp", "Path"],
};

/** A waiter of the CLI: what it calls, each second, how often, and what it waits away. */
export interface Waiter {
  operation: string;
  attempts: number;
  /** Whether an error with this code and status means "not yet". */
  again: (code: string, status: number | undefined) => boolean;
}

const missing = (code: string) => code === "NoSuchEntity";

export const waiters: Record<string, Record<string, Waiter>> = {
  iam: {
    "instance-profile-exists": { operation: "get-instance-profile", attempts: 40, again: (_, status) => status === 404 },
    "policy-exists": { operation: "get-policy", attempts: 20, again: missing },
    "role-exists": { operation: "get-role", attempts: 20, again: missing },
    "user-exists": { operation: "get-user", attempts: 20, again: missing },
  },
};

/** The services that the shell knows. */
export const serviceNames = ["accessanalyzer", "cloudtrail", "iam", "organizations", "sts"] as const;
export type ServiceName = (typeof serviceNames)[number];

export function isService(name: string): name is ServiceName {
  return (serviceNames as readonly string[]).includes(name);
}

/** The name of an operation, a member or a waiter on the command line: GetSSHPublicKey is get-ssh-public-key. */
export function kebab(name: string): string {
  const plural = /[A-Z]{2,}s$/.exec(name); // ARNs is one word
  if (plural && plural.index > 0) return kebab(name.slice(0, plural.index)) + "-" + plural[0].toLowerCase();
  return name
    .replace(/(.)([A-Z][a-z]+)/g, "$1-$2")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase();
}
