// Identity providers of both kinds, in one list.
import { ListOpenIDConnectProvidersCommand, ListSAMLProvidersCommand, paginateListRoles, type Role } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { plainDocument, trusts } from "../roles/trust";
import { collect } from "../shared/load";

export type ProviderKind = "oidc" | "saml";

export interface Provider {
  arn: string;
  kind: ProviderKind;
  /** A SAML provider's name, or an issuer's host and path. */
  name: string;
  created?: Date; // lists tell it of SAML alone
}

export const kindName: Record<ProviderKind, string> = { oidc: "OpenID Connect", saml: "SAML" };

export function kindOf(arn: string): ProviderKind | undefined {
  const kind = /^arn:aws[\w-]*:iam::\d{12}:(oidc|saml)-provider\/./.exec(arn)?.[1];
  return kind as ProviderKind | undefined;
}

export function nameOf(arn: string): string {
  return arn.slice(arn.indexOf("/") + 1);
}

export async function listOpenID(): Promise<Provider[]> {
  const { OpenIDConnectProviderList } = await iam().send(new ListOpenIDConnectProvidersCommand({}));
  return (OpenIDConnectProviderList ?? []).map(({ Arn }) => ({ arn: Arn!, kind: "oidc", name: nameOf(Arn!) }));
}

export async function listSaml(): Promise<Provider[]> {
  const { SAMLProviderList } = await iam().send(new ListSAMLProvidersCommand({}));
  return (SAMLProviderList ?? []).map(({ Arn, CreateDate }) => ({ arn: Arn!, kind: "saml", name: nameOf(Arn!), created: CreateDate }));
}

export async function listProviders(): Promise<Provider[]> {
  return (await Promise.all([listOpenID(), listSaml()])).flat();
}

/** The roles whose trust policies name a provider. */
export async function rolesThatTrust(provider: string): Promise<Role[]> {
  const roles = await collect(paginateListRoles({ client: iam(), pageSize: 1000 }, {}), (p) => p.Roles);
  return roles.filter((r) => trusts(plainDocument(r.AssumeRolePolicyDocument), provider));
}

/** What is wrong with an issuer's address, or nothing. */
export function urlFault(url: string): string | undefined {
  if (url.trim() === "") return "Enter the provider's URL.";
  if (!/^https:\/\//i.test(url.trim())) return "The URL must begin with https://";
  if (!/^https:\/\/[^\s/?#:@]+(\/[^\s?#@]*)?$/i.test(url.trim())) return "The URL is a host name and perhaps a path: no port, query or user.";
  return undefined;
}

/** Thumbprints as they are typed: with blanks, commas or lines between. */
export function readThumbprints(text: string): string[] {
  return text.replaceAll(":", "").split(/[\s,]+/).filter((t) => t !== "").map((t) => t.toLowerCase());
}

export function thumbprintsFault(list: string[]): string | undefined {
  if (list.length > 5) return "A provider has at most 5 thumbprints.";
  return list.every((t) => /^[0-9a-f]{40}$/.test(t)) ? undefined : "A thumbprint is the SHA-1 hash of a certificate: 40 hexadecimal digits.";
}
