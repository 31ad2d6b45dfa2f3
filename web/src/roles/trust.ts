// Trust policies: who is in one, and the texts that the create wizard makes.

export interface TrustStatement {
  Sid?: string;
  Effect?: string;
  Principal?: "*" | Record<string, string | string[]>;
  Action?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** The text of a document as IAM gives it out: encoded as in an address. */
export function plainDocument(encoded: string | undefined): string {
  if (encoded === undefined) return "";
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** The document over lines, as it is read best; as it is when it is no JSON. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 4);
  } catch {
    return text;
  }
}

export function list<T>(value: T | T[] | undefined): T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function statements(text: string): TrustStatement[] {
  try {
    const all = list((JSON.parse(text) as { Statement?: TrustStatement | TrustStatement[] } | null)?.Statement);
    return all.filter((s) => typeof s === "object" && s !== null);
  } catch {
    return [];
  }
}

/** Principals that Allow statements name, by kind: ["Service", "ec2.amazonaws.com"]. */
export function principals(text: string): [kind: string, value: string][] {
  const found = statements(text)
    .filter((s) => s.Effect === "Allow")
    .flatMap((s) => (s.Principal === "*" ? [["AWS", "*"] as [string, string]] : Object.entries(s.Principal ?? {}).flatMap(([kind, values]) => list(values).map((v): [string, string] => [kind, v]))));
  const seen = new Set<string>();
  return found.filter(([kind, value]) => !seen.has(kind + " " + value) && seen.add(kind + " " + value));
}

/** Tells whether a trust policy names a provider. */
export function trusts(text: string, provider: string): boolean {
  return principals(text).some(([kind, value]) => kind === "Federated" && value === provider);
}

/** What the list of roles says of a principal: "AWS Service: ec2". */
export function trustedEntity(kind: string, value: string): string {
  switch (kind) {
    case "Service":
      return `AWS Service: ${value.replace(/\.amazonaws\.com(\.cn)?$/, "")}`;
    case "Federated":
      return `Identity Provider: ${value}`;
    case "AWS": {
      const account = /^(?:arn:aws[\w-]*:iam::)?(\d{12})(?::root)?$/.exec(value)?.[1];
      if (account) return `Account: ${account}`;
      return value === "*" ? "Everyone (*)" : value;
    }
    default:
      return `${kind}: ${value}`;
  }
}

/** Tells whether persons or programs with keys may assume the role, so that a
 * link to switch to it is of use. */
export function isForAccounts(text: string): boolean {
  return principals(text).some(([kind]) => kind === "AWS");
}

/** Of a service-linked role, the service: the path says it. */
export function linkedService(path: string | undefined): string | undefined {
  return /^\/aws-service-role\/([^/]+)\//.exec(path ?? "")?.[1];
}

function policy(statement: TrustStatement): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] }, null, 4);
}

export function trustService(principal: string): string {
  return policy({ Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { Service: [principal] } });
}

export interface AccountTrust {
  account: string;
  externalId?: string;
  mfa?: boolean;
}

export function trustAccount({ account, externalId, mfa }: AccountTrust): string {
  return policy({
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { AWS: account },
    Condition: {
      ...(externalId !== undefined && { StringEquals: { "sts:ExternalId": externalId } }),
      ...(mfa && { Bool: { "aws:MultiFactorAuthPresent": "true" } }),
    },
  });
}

/** A condition beside those that a form makes by itself. */
export interface ExtraCondition {
  key: string;
  operator: string;
  value: string; // several, with commas between
}

export function conditionFault(c: ExtraCondition): string | undefined {
  if (c.key.trim() === "") return "Enter or choose a key.";
  if (c.operator === "") return "Choose a condition.";
  return values(c.value).length === 0 ? "Enter a value." : undefined;
}

function values(text: string): string[] {
  return text.split(",").map((v) => v.trim()).filter((v) => v !== "");
}

function conditions(into: Record<string, Record<string, string | string[]>>, extra: ExtraCondition[]): Record<string, Record<string, string | string[]>> {
  const all = structuredClone(into);
  for (const c of extra) {
    const of = (all[c.operator] ??= {});
    const both = [...list(of[c.key.trim()]), ...values(c.value)];
    of[c.key.trim()] = both.length === 1 ? both[0]! : both;
  }
  return all;
}

export interface WebIdentityTrust {
  provider: string; // ARN
  audience: string;
  github?: { organization: string; repository: string; branch: string };
  extra: ExtraCondition[];
}

/** The issuer as condition keys have it: what the provider's ARN ends with. */
export function issuerOf(provider: string): string {
  return provider.slice(provider.indexOf("/") + 1);
}

export const github = "token.actions.githubusercontent.com";

/** The subjects that GitHub's tokens of a repository and branch have. */
export function githubSubject({ organization, repository, branch }: { organization: string; repository: string; branch: string }): string {
  const repo = `repo:${organization.trim()}/${repository.trim() || "*"}`;
  return branch.trim() ? `${repo}:ref:refs/heads/${branch.trim()}` : `${repo}:*`;
}

export function trustWebIdentity(t: WebIdentityTrust): string {
  const issuer = issuerOf(t.provider);
  return policy({
    Effect: "Allow",
    Action: "sts:AssumeRoleWithWebIdentity",
    Principal: { Federated: t.provider },
    Condition: conditions(
      {
        StringEquals: { [`${issuer}:aud`]: [t.audience] },
        ...(t.github && { StringLike: { [`${issuer}:sub`]: [githubSubject(t.github)] } }),
      },
      t.extra,
    ),
  });
}

export interface SamlTrust {
  provider: string; // ARN
  attribute: string; // "SAML:aud"
  value: string;
  extra: ExtraCondition[];
}

export function trustSaml(t: SamlTrust): string {
  return policy({
    Effect: "Allow",
    Action: "sts:AssumeRoleWithSAML",
    Principal: { Federated: t.provider },
    Condition: conditions(t.attribute ? { StringEquals: { [t.attribute]: t.value } } : {}, t.extra),
  });
}

export const emptyTrust = policy({ Sid: "Statement1", Effect: "Allow", Principal: {}, Action: "sts:AssumeRole" });

/** The inline policy by which sessions that began before a moment may do nothing
 * more; its name and text are AWS's. */
export const revokeName = "AWSRevokeOlderSessions";
export function revokeDocument(before: Date): string {
  return JSON.stringify(
    { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: ["*"], Resource: ["*"], Condition: { DateLessThan: { "aws:TokenIssueTime": before.toISOString() } } }] },
    null,
    4,
  );
}

/** The moment before which sessions were revoked, by the text of that policy. */
export function revokedBefore(text: string): string | undefined {
  const at = statements(text)[0]?.Condition?.["DateLessThan"]?.["aws:TokenIssueTime"];
  return list(at)[0];
}
