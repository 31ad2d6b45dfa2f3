import { describe, expect, test } from "vitest";
import { githubSubject, isForAccounts, linkedService, plainDocument, principals, revokeDocument, revokedBefore, trustAccount, trustedEntity, trusts, trustSaml, trustService, trustWebIdentity } from "./trust";

describe("who is trusted", () => {
  test("principals of all kinds, each once, of Allow statements", () => {
    const text = JSON.stringify({
      Statement: [
        { Effect: "Allow", Principal: { Service: ["ec2.amazonaws.com", "lambda.amazonaws.com"], AWS: "111122223333" } },
        { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com", Federated: "arn:aws:iam::111122223333:saml-provider/Corp" } },
        { Effect: "Deny", Principal: { AWS: "999999999999" } },
        { Effect: "Allow", Principal: "*" },
      ],
    });
    expect(principals(text).map(([k, v]) => trustedEntity(k, v))).toEqual([
      "AWS Service: ec2",
      "AWS Service: lambda",
      "Account: 111122223333",
      "Identity Provider: arn:aws:iam::111122223333:saml-provider/Corp",
      "Everyone (*)",
    ]);
    expect(trusts(text, "arn:aws:iam::111122223333:saml-provider/Corp")).toBe(true);
    expect(trusts(text, "arn:aws:iam::111122223333:saml-provider/Cor")).toBe(false);
  });
  test("the account's root is the account; a user is itself", () => {
    expect(trustedEntity("AWS", "arn:aws:iam::111122223333:root")).toBe("Account: 111122223333");
    expect(trustedEntity("AWS", "arn:aws:iam::111122223333:user/Bob")).toBe("arn:aws:iam::111122223333:user/Bob");
  });
  test("a text that is no policy names nobody", () => {
    for (const text of ["", "{", "[]", "null", '{"Statement":null}', '{"Statement":[{"Effect":"Allow"}]}']) {
      expect(principals(text)).toEqual([]);
    }
    expect(isForAccounts("nonsense")).toBe(false);
  });
  test("documents come encoded, and stray percent signs harm nothing", () => {
    expect(plainDocument("%7B%22a%22%3A1%7D")).toBe('{"a":1}');
    expect(plainDocument("100%")).toBe("100%");
  });
  test("a service-linked role's service is in its path", () => {
    expect(linkedService("/aws-service-role/support.amazonaws.com/")).toBe("support.amazonaws.com");
    expect(linkedService("/service-role/")).toBeUndefined();
  });
});

describe("what the wizard makes", () => {
  const statement = (text: string) => JSON.parse(text).Statement[0];
  test("of accounts, with an external ID and MFA", () => {
    expect(statement(trustAccount({ account: "111122223333" }))).toEqual({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "111122223333" }, Condition: {} });
    expect(statement(trustAccount({ account: "111122223333", externalId: "x", mfa: true })).Condition).toEqual({
      StringEquals: { "sts:ExternalId": "x" },
      Bool: { "aws:MultiFactorAuthPresent": "true" },
    });
  });
  test("of services", () => {
    expect(statement(trustService("ec2.amazonaws.com"))).toEqual({ Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { Service: ["ec2.amazonaws.com"] } });
  });
  test("of web identities: GitHub's subject, and conditions that meet at one key", () => {
    const provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    const key = "token.actions.githubusercontent.com";
    const t = statement(
      trustWebIdentity({
        provider,
        audience: "sts.amazonaws.com",
        github: { organization: "acme", repository: "", branch: "" },
        extra: [
          { key: `${key}:sub`, operator: "StringLike", value: "repo:other/*:*, repo:third/*:*" },
          { key: `${key}:environment`, operator: "StringEquals", value: "prod" },
        ],
      }),
    );
    expect(t.Action).toBe("sts:AssumeRoleWithWebIdentity");
    expect(t.Condition).toEqual({
      StringEquals: { [`${key}:aud`]: ["sts.amazonaws.com"], [`${key}:environment`]: "prod" },
      StringLike: { [`${key}:sub`]: ["repo:acme/*:*", "repo:other/*:*", "repo:third/*:*"] },
    });
    expect(githubSubject({ organization: "acme", repository: "shop", branch: "main" })).toBe("repo:acme/shop:ref:refs/heads/main");
  });
  test("of SAML", () => {
    const t = statement(trustSaml({ provider: "arn:aws:iam::111122223333:saml-provider/Corp", attribute: "SAML:aud", value: "https://signin.aws.amazon.com/saml", extra: [] }));
    expect(t).toEqual({
      Effect: "Allow",
      Action: "sts:AssumeRoleWithSAML",
      Principal: { Federated: "arn:aws:iam::111122223333:saml-provider/Corp" },
      Condition: { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
    });
  });
  test("the policy that revokes tells its moment again", () => {
    expect(revokedBefore(revokeDocument(new Date("2026-01-02T03:04:05Z")))).toBe("2026-01-02T03:04:05.000Z");
    expect(revokedBefore("{}")).toBeUndefined();
  });
});
