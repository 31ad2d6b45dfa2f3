// What the first step of the wizard is filled with, and the trust policy that
// comes of it.
import { syntaxFinding } from "../../policy/validation";
import { conditionFault, emptyTrust, github, issuerOf, principals, trustAccount, trustSaml, trustService, trustWebIdentity, type ExtraCondition } from "../trust";
import { casesOf, type UseCase } from "./use-cases";

export type EntityType = "service" | "account" | "web" | "saml" | "custom";

export interface TrustForm {
  type: EntityType;
  service: string;
  useCase: string;
  other: boolean; // another account than this
  account: string;
  needsExternalId: boolean;
  externalId: string;
  mfa: boolean;
  openID: string; // ARN
  audience: string;
  github: { organization: string; repository: string; branch: string };
  saml: string; // ARN
  samlConsole: boolean;
  samlAttribute: string;
  samlValue: string;
  extra: ExtraCondition[];
  custom: string;
}

export const samlEndpoint = "https://signin.aws.amazon.com/saml";

export const emptyForm: TrustForm = {
  type: "service", service: "", useCase: "", other: false, account: "", needsExternalId: false, externalId: "", mfa: false,
  openID: "", audience: "", github: { organization: "", repository: "", branch: "" },
  saml: "", samlConsole: true, samlAttribute: "SAML:aud", samlValue: samlEndpoint, extra: [], custom: emptyTrust,
};

export function chosenCase(f: TrustForm): UseCase | undefined {
  return f.type === "service" ? casesOf(f.service).find((c) => c.name === f.useCase) : undefined;
}

export function isGitHub(provider: string): boolean {
  return issuerOf(provider) === github;
}

/** What is wrong, by field; empty when the form is good. */
export function faultsOf(f: TrustForm): Partial<Record<keyof TrustForm | "organization", string>> {
  switch (f.type) {
    case "service":
      return chosenCase(f) ? {} : f.service ? { useCase: "Choose a use case." } : { service: "Choose a service or use case." };
    case "account":
      return {
        ...(f.other && !/^\d{12}$/.test(f.account.replaceAll("-", "").trim()) && { account: "Enter an account ID: 12 digits." }),
        ...(f.needsExternalId && !/^[\w+=,.@:/-]{2,1224}$/.test(f.externalId) && { externalId: "Enter 2 to 1,224 characters: letters, digits and + = , . @ : / -" }),
      };
    case "web":
      return {
        ...(!f.openID && { openID: "Choose an identity provider." }),
        ...(f.openID && !f.audience && { audience: "Choose an audience." }),
        ...(isGitHub(f.openID) && f.github.organization.trim().replaceAll("*", "") === "" && { organization: "Enter a GitHub organization: without one, every repository on GitHub could take the role." }),
        ...extraFault(f),
      };
    case "saml":
      return {
        ...(!f.saml && { saml: "Choose an identity provider." }),
        ...(f.samlAttribute !== "" && f.samlValue.trim() === "" && { samlValue: "Enter a value." }),
        ...extraFault(f),
      };
    case "custom": {
      const syntax = syntaxFinding(f.custom);
      if (f.custom.trim() === "") return { custom: "Enter a trust policy." };
      if (syntax) return { custom: syntax.findingDetails };
      return principals(f.custom).length === 0 ? { custom: "Add a principal: nobody could assume the role." } : {};
    }
  }
}

function extraFault(f: TrustForm): { extra?: string } {
  return f.extra.some(conditionFault) ? { extra: "Complete the conditions, or remove them." } : {};
}

/** The trust policy of a form without faults. */
export function trustOf(f: TrustForm, own: string): string {
  switch (f.type) {
    case "service":
      return trustService(chosenCase(f)?.principal ?? "");
    case "account":
      return trustAccount({
        account: f.other ? f.account.replaceAll("-", "").trim() : own,
        externalId: f.needsExternalId ? f.externalId : undefined,
        mfa: f.mfa,
      });
    case "web":
      return trustWebIdentity({ provider: f.openID, audience: f.audience, github: isGitHub(f.openID) ? f.github : undefined, extra: f.extra });
    case "saml":
      return trustSaml({ provider: f.saml, attribute: f.samlAttribute, value: f.samlValue.trim(), extra: f.extra });
    case "custom":
      return f.custom;
  }
}
