import { describe, expect, it } from "vitest";
import { emptyStatement, isUnreadable, readDocument } from "./document";
import { printJSON, type ObjectNode } from "./json";
import { faultOfPrincipal, principalChoices, principalValue, withPrincipal, type PrincipalKind } from "./principal";
import { firstPlace, syntaxFinding } from "./validation";

const choice = (kind: PrincipalKind) => principalChoices.find((c) => c.kind === kind)!;
const json = (node: ObjectNode | undefined) => node && JSON.parse(printJSON(node));
function statement(text: string): ObjectNode {
  const doc = readDocument(`{"Statement":[${text}]}`);
  if (isUnreadable(doc)) throw new Error(doc.message);
  return doc.statements[0] as ObjectNode;
}

describe("principals", () => {
  it("are added to a new statement, with the action that they ask for", () => {
    const blank = emptyStatement(undefined, "trust");
    expect(json(withPrincipal(blank, choice("account"), principalValue("account", "111122223333")))).toEqual({ Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "sts:AssumeRole" });
    expect(json(withPrincipal(blank, choice("saml"), "arn:x"))).toEqual({ Effect: "Allow", Principal: { Federated: "arn:x" }, Action: "sts:AssumeRoleWithSAML" });
  });

  it("are added to those that are there, once", () => {
    const old = statement('{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com","AWS":["a","b"]},"Action":"sts:AssumeRole","Condition":{}}');
    const more = withPrincipal(old, choice("iam"), "c")!;
    expect(json(more).Principal).toEqual({ Service: "ec2.amazonaws.com", AWS: ["a", "b", "c"] });
    expect(json(withPrincipal(more, choice("iam"), "c"))).toEqual(json(more));
    expect(json(withPrincipal(old, choice("service"), "lambda.amazonaws.com")).Principal.Service).toEqual(["ec2.amazonaws.com", "lambda.amazonaws.com"]);
    expect(json(withPrincipal(old, choice("oidc"), "p")).Action).toEqual(["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]);
  });

  it("are not added where the form has no place for them", () => {
    for (const odd of ['{"Effect":"Allow","Principal":"*"}', '{"Effect":"Allow","NotPrincipal":{"AWS":"a"}}', '{"Effect":"Allow","Principal":{"AWS":3}}']) expect(withPrincipal(statement(odd), choice("account"), "x"), odd).toBeUndefined();
  });

  it("are checked by their kind", () => {
    const good: [PrincipalKind, string][] = [["account", "111122223333"], ["iam", "arn:aws:iam::111122223333:role/a/b"], ["service", "ecs-tasks.amazonaws.com"], ["oidc", "arn:aws:iam::111122223333:oidc-provider/example.com/x"], ["oidc", "accounts.google.com"], ["saml", "arn:aws:iam::111122223333:saml-provider/x"]];
    for (const [kind, text] of good) expect(faultOfPrincipal(kind, text), text).toBeUndefined();
    const bad: [PrincipalKind, string][] = [["account", "1111"], ["account", "*"], ["iam", "arn:aws:iam::111122223333:role/*"], ["iam", "arn:aws:iam::111122223333:root"], ["service", "ec2"], ["oidc", "example.com"], ["saml", "arn:aws:iam::1:saml-provider/x"]];
    for (const [kind, text] of bad) expect(faultOfPrincipal(kind, text), text).toBeDefined();
  });
});

describe("what is no JSON", () => {
  it("is told with its place, before anything is asked", () => {
    const finding = syntaxFinding('{\n  "a": tru\n}')!;
    expect(finding).toMatchObject({ findingType: "ERROR", issueCode: "JSON_SYNTAX_ERROR" });
    expect(firstPlace(finding)).toEqual({ line: 2, column: 7, offset: 9 });
    expect(syntaxFinding("{}")).toBeUndefined();
  });
});
