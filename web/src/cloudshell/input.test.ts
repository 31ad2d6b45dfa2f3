import { describe, expect, it } from "vitest";
import { checkInput } from "./check";
import { bytesOf, Files } from "./files";
import { readModel, type Operation, type Structure } from "./model";
import { readShorthand } from "./shorthand";
import { valueOf } from "./values";
import * as iam from "@aws-sdk/client-iam";
import * as organizations from "@aws-sdk/client-organizations";

const model = readModel(iam);
const files = new Files();
files.write("policy.json", bytesOf('{"Version":"2012-10-17"}'));
files.write("tags.json", bytesOf('[{"Key":"a","Value":"b"}]'));
files.write("picture", Uint8Array.of(0xff, 0xfe));

const short = (text: string) => JSON.parse(JSON.stringify(readShorthand(text, (f) => `<${f}>`))) as unknown;

describe("shorthand", () => {
  it.each([
    ["Key=a,Value=b", { Key: "a", Value: "b" }],
    ["Key=a b,Value= c ", { Key: "a b", Value: "c" }],
    ["a=", { a: "" }],
    ["a=,b=1", { a: "", b: "1" }],
    ["a=b,c", { a: ["b", "c"] }],
    ["a=b,c,d=e", { a: ["b", "c"], d: "e" }],
    ["a=[b,c],d=e", { a: ["b", "c"], d: "e" }],
    ["a={b=c,d=[e,{f=g}]}", { a: { b: "c", d: ["e", { f: "g" }] } }],
    ["a='b,c',d=\"e=f\"", { a: "b,c", d: "e=f" }],
    ["a=b\\,c", { a: "b,c" }],
    ["Key=arn:aws:iam::1:user/x,Value=a=b", { Key: "arn:aws:iam::1:user/x", Value: "a=b" }],
    ["a@=file://x", { a: "<file://x>" }],
  ])("reads %s", (text, want) => expect(short(text)).toEqual(want));

  it.each([
    ["a", "Expected: '=', received: 'EOF' for input:\na\n ^"],
    ["a=b,c=d,", "Expected: '<second>', received: '<none>' for input:\na=b,c=d,\n        ^"],
    ["a=[b", "Expected: ',', received: 'EOF' for input:\na=[b\n    ^"],
    ["a='b", "Expected: '<singled quoted>', received: '<none>' for input:\na='b\n  ^"],
    ["a=b,a=c", "Second instance of key \"a\" encountered for input:\na=b,a=c\n    ^\nThis is often because there is a preceding \",\" instead of a space."],
  ])("refuses %s where it goes wrong", (text, want) => expect(() => short(text)).toThrow(want));

  it("does not fall for depth", () => {
    expect(() => short("a=" + "[".repeat(10_000))).toThrow("Expected");
  });
});

const op = (name: string): Operation => model.get(name)!;
const value = (operation: Operation, option: string, written: string | string[]) =>
  valueOf("--" + option, operation.input.members.get(operation.options.get(option)!)!, written, files);

describe("values", () => {
  it.each<[string, string, string | string[], unknown]>([
    ["create-user", "tags", ["Key=a,Value=b", "Key=c,Value="], [{ Key: "a", Value: "b" }, { Key: "c", Value: "" }]],
    ["create-user", "tags", ['[{"Key":"a","Value":"b"}]'], [{ Key: "a", Value: "b" }]],
    ["create-user", "tags", ['{"Key":"a","Value":"b"}', '{"Key":"c","Value":"d"}'], [{ Key: "a", Value: "b" }, { Key: "c", Value: "d" }]],
    ["create-user", "tags", ["file://tags.json"], [{ Key: "a", Value: "b" }]],
    ["create-policy", "policy-document", "file://policy.json", '{"Version":"2012-10-17"}'],
    ["create-policy", "policy-document", "file:///home/cloudshell-user/./policy.json", '{"Version":"2012-10-17"}'],
    ["simulate-principal-policy", "action-names", ["s3:Get*", "iam:List*"], ["s3:Get*", "iam:List*"]],
    ["simulate-principal-policy", "action-names", ['["a","b"]'], ["a", "b"]],
    ["simulate-custom-policy", "policy-input-list", ['{"Version":"2012-10-17"}'], ['{"Version":"2012-10-17"}']],
    ["simulate-custom-policy", "policy-input-list", ["file://policy.json"], ['{"Version":"2012-10-17"}']],
    ["simulate-principal-policy", "action-names", ["[a", "b"], ["[a", "b"]],
    ["simulate-custom-policy", "context-entries", ["ContextKeyName=a,ContextKeyValues=x,ContextKeyType=string"], [{ ContextKeyName: "a", ContextKeyValues: ["x"], ContextKeyType: "string" }]],
    ["create-role", "max-session-duration", "3600", 3600],
  ])("%s --%s %j", (command, option, written, want) => expect(value(op(command), option, written)).toEqual(want));

  it.each<[string, string, string | string[], string]>([
    ["create-policy", "policy-document", "file://none", "Error parsing parameter '--policy-document': Unable to load paramfile file://none: [Errno 2] No such file or directory: 'none'"],
    ["create-policy", "policy-document", "file://picture", "text contents could not be decoded"],
    ["create-user", "tags", ["[{"], "Error parsing parameter '--tags': Invalid JSON: "],
    ["create-user", "tags", ["a"], "Error parsing parameter '--tags': Expected: '=', received: 'EOF' for input:\na\n ^"],
    ["create-role", "max-session-duration", "abc", "invalid literal for int() with base 10: 'abc'"],
  ])("%s --%s %j is refused", (command, option, written, want) => expect(() => value(op(command), option, written)).toThrow(want));
});

describe("check", () => {
  const shape = op("create-user").input;
  const refused = (input: Record<string, unknown>, s: Structure = shape) => {
    try {
      checkInput(input, s);
      return "";
    } catch (e) {
      return (e as Error).message;
    }
  };
  it("says all that is wrong, as botocore does", () => {
    expect(refused({ Tags: [{ Key: ["a", "Value"] }, { Key: "b", Value: "c", Nope: 1 }], Path: 5 })).toBe(
      [
        "Parameter validation failed:",
        'Missing required parameter in input: "UserName"',
        "Invalid type for parameter Path, value: 5, type: <class 'int'>, valid types: <class 'str'>",
        'Missing required parameter in Tags[0]: "Value"',
        "Invalid type for parameter Tags[0].Key, value: ['a', 'Value'], type: <class 'list'>, valid types: <class 'str'>",
        'Unknown parameter in Tags[1]: "Nope", must be one of: Key, Value',
      ].join("\n"),
    );
  });
  it("makes dates of points in time", () => {
    const s = readModel(organizations).get("invite-organization-to-transfer-responsibility")!.input;
    const input = checkInput({ Type: "BILLING", Target: { Id: "1", Type: "ACCOUNT" }, StartTimestamp: "2026-11-23T00:00:00", SourceName: "x" }, s);
    expect(input["StartTimestamp"]).toEqual(new Date(Date.UTC(2026, 10, 23)));
    expect(refused({ StartTimestamp: "soon" }, s)).toContain("type: <class 'str'>, valid types: <class 'datetime.datetime'>, timestamp-string");
  });
});
