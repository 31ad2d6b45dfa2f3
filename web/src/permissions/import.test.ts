import { describe, expect, it } from "vitest";
import { emptyPolicy } from "../policy/document";
import { importInto } from "./import";

const other = '{"Version":"2012-10-17","Statement":[{"Sid":"B","Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}';

describe("importInto", () => {
  it("takes the place of a document that says nothing", () => {
    for (const text of ["", " \n", "{}", emptyPolicy, '{"Version":"2012-10-17","Statement":[]}']) {
      expect(JSON.parse(importInto(text, other)!)).toEqual(JSON.parse(other));
    }
  });
  it("stands after what is there, whose bytes stay", () => {
    const text = '{\n  "Version": "2012-10-17",\n  "Statement": {"Sid":  "A", "Effect": "Deny", "Action": "*", "Resource": "*"}\n}';
    const both = importInto(text, other)!;
    expect(JSON.parse(both).Statement.map((s: { Sid: string }) => s.Sid)).toEqual(["A", "B"]);
    expect(both).toContain('{"Sid":  "A", "Effect": "Deny", "Action": "*", "Resource": "*"}');
  });
  it("leaves alone what is no JSON", () => {
    expect(importInto("{", other)).toBeUndefined();
    expect(importInto("[]", other)).toBeUndefined();
  });
});
