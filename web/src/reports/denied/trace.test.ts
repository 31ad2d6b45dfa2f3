import { describe, expect, test } from "vitest";
import { findIn, readMessage, resultOf, settled, simulatorPath, titleOf } from "./trace";

const id = "0608e438-37e2-4192-8b9e-4fc7c06044e0";
const message = "AQAAAAE9_".repeat(20);

describe("findIn", () => {
  test.each([
    [id, { requestId: id }],
    [` ${id.toUpperCase()}\n`, { requestId: id }],
    [`An error occurred (AccessDenied) … request ${id}.`, { requestId: id }],
    [message, { message }],
    [`You are not authorized. Encoded authorization failure message: ${message}`, { message }],
    ["EXAMPLE1", { requestId: "EXAMPLE1" }],
    ["no id in here", undefined],
    ["", undefined],
  ])("%j", (text, want) => expect(findIn(text)).toEqual(want));
});

test("a decoded message is read", () => {
  const text = '{"allowed":false,"explicitDeny":true,"matchedStatements":{"items":[{"statementId":"No","effect":"DENY","actions":{"items":[{"value":"iam:*"}]},"resources":{"items":[]},"conditions":{"items":[]}}]},"failures":{"items":[]},"context":{"principal":{"id":"AIDA","name":"Bob","arn":"arn:aws:iam::111122223333:user/Bob"},"action":"iam:ListUsers","resource":"*","conditions":{"items":[{"key":"aws:userid","values":{"items":[{"value":"AIDA"}]}}]}}}';
  expect(readMessage(text)).toMatchObject({
    action: "iam:ListUsers", explicitDeny: true, context: [{ key: "aws:userid", values: ["AIDA"] }], statements: [{ sid: "No", actions: ["iam:*"], resources: [] }],
  });
});

describe("simulatorPath", () => {
  const bob = "arn:aws:iam::111122223333:user/Bob";
  test("asks the same question", () => {
    const path = simulatorPath(bob, "iam:GetUser", "arn:aws:iam::111122223333:user/x", [{ key: "aws:TagKeys", values: ["a", "b=c"] }])!;
    const q = new URLSearchParams(path.split("?")[1]);
    expect([q.get("principal"), q.get("action"), q.get("resource"), q.getAll("context")]).toEqual([bob, "iam:GetUser", "arn:aws:iam::111122223333:user/x", ["aws:TagKeys=a", "aws:TagKeys=b=c"]]);
  });
  test("without a resource", () => expect(simulatorPath(bob, "iam:GetUser", "*", [])).not.toContain("resource"));
  test.each(["anonymous", "arn:aws:iam::111122223333:root", "arn:aws:sts::111122223333:federated-user/x"])("not of %s", (arn) => expect(simulatorPath(arn, "a:b", "*", [])).toBeUndefined());
});

test("results and statements in words", () => {
  expect(titleOf({ type: "service control policy", level: 1, result: "implicitDeny", statements: [] })).toBe("Service control policy, level 2");
  expect(resultOf({ type: "service control policy", level: 1, result: "implicitDeny", statements: [] })).toBe("Does not allow it");
  expect(resultOf({ type: "permissions boundary", result: "allowed", overridden: true, statements: [] })).toBe("Allows it, which does not matter to this request");
  expect(settled({ policy: "p", statement: 0, effect: "Allow", applies: false, element: "Action", detail: "iam:Get* does not match" })).toBe("Does not apply: Action: iam:Get* does not match");
  expect(settled({ policy: "p", statement: 0, effect: "Deny", applies: true })).toBe("Applies");
});
