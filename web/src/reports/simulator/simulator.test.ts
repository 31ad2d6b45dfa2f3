import type { EvaluationResult } from "@aws-sdk/client-iam";
import { describe, expect, test } from "vitest";
import { entriesOf, typeOfKey } from "./context";
import { statementAt } from "./place";
import { reasonOf, rowsOf } from "./simulate";

const text = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    {
      "Effect": "Deny",
      "Action": "s3:GetObject",
      "Resource": "*"
    }
  ]
}`;

describe("statementAt", () => {
  test.each([
    [[4, 6], [4, 59], 0],
    [[5, 6], [9, 6], 1],
    [[5, 5], undefined, 1],
    [[99, 1], [99, 2], undefined],
  ] as const)("%j to %j", (start, end, want) => {
    const at = (p: readonly [number, number] | undefined) => p && { Line: p[0], Column: p[1] };
    expect(statementAt(text, at(start), at(end))).toBe(want);
  });

  test("one statement that stands without a list, in one line", () => {
    expect(statementAt('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}', { Line: 1, Column: 15 }, { Line: 1, Column: 59 })).toBe(0);
  });

  test("none in what can't be read", () => expect(statementAt("{", { Line: 1, Column: 1 }, undefined)).toBeUndefined());
});

describe("context keys", () => {
  const known = [{ name: "aws:RequestTag/${TagKey}", type: "String" }, { name: "aws:TagKeys", type: "ArrayOfString" }, { name: "aws:MultiFactorAuthPresent", type: "Bool" }, { name: "aws:SourceIp", type: "IPAddress" }, { name: "aws:SourceArn", type: "ARN" }];
  test.each([
    ["aws:requesttag/team", "string"], ["aws:TagKeys", "stringList"], ["AWS:MultiFactorAuthPresent", "boolean"],
    ["aws:SourceIp", "ip"], ["aws:SourceArn", "string"], ["example:unknown", "string"],
  ])("%s is %s", (key, type) => expect(typeOfKey(key, known)).toBe(type));

  test("what has no value is not sent, lists are one value a line", () => {
    expect(entriesOf([{ key: "a:b", type: "stringList", text: "x\n\n y " }, { key: "a:c", type: "string", text: " " }])).toEqual([
      { ContextKeyName: "a:b", ContextKeyType: "stringList", ContextKeyValues: ["x", "y"] },
    ]);
  });
});

describe("rows", () => {
  const result = (some: Partial<EvaluationResult>): EvaluationResult => ({ EvalActionName: "s3:GetObject", EvalResourceName: "*", EvalDecision: "implicitDeny", ...some });

  test("one for all resources", () => {
    const [row, ...more] = rowsOf(result({ MissingContextValues: ["aws:SourceIp"] }));
    expect(more).toEqual([]);
    expect(row).toMatchObject({ action: "s3:GetObject", resource: "*", decision: "implicitDeny", missing: ["aws:SourceIp"] });
  });

  test("one a resource; what organizations say of all is not said of each", () => {
    const statement = { SourcePolicyId: "P" };
    const rows = rowsOf(
      result({
        OrganizationsDecisionDetail: { AllowedByOrganizations: false },
        ResourceSpecificResults: [
          { EvalResourceName: "arn:aws:s3:::a/x", EvalResourceDecision: "allowed", MatchedStatements: [statement] },
          { EvalResourceName: "arn:aws:s3:::b/x", EvalResourceDecision: "implicitDeny" },
        ],
      }),
    );
    expect(rows.map((r) => [r.resource, r.organizations])).toEqual([["arn:aws:s3:::a/x", "allowed"], ["arn:aws:s3:::b/x", "not all"]]);
  });

  test.each([
    [result({ EvalDecision: "allowed", MatchedStatements: [{}] }), "Allowed by 1 matching statement."],
    [result({ EvalDecision: "explicitDeny", MatchedStatements: [{}, {}] }), "Denied explicitly by 2"],
    [result({ OrganizationsDecisionDetail: { AllowedByOrganizations: false } }), "organization's control policies do not allow"],
    [result({ PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false } }), "permissions boundary does not allow"],
    [result({ EvalDecisionDetails: { "IAM Policy": "allowed", "Resource Policy": "implicitDeny" } }), "no statement of the Resource Policy does"],
    [result({}), "what is not allowed is denied"],
  ])("reason %#", (r, want) => expect(reasonOf(rowsOf(r)[0]!)).toContain(want));
});
