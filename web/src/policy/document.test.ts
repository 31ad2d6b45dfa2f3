import { describe, expect, it } from "vitest";
import { emptyPolicy, emptyStatement, freeSid, isUnreadable, readDocument, statementLines, withStatements, type PolicyDocument } from "./document";
import { cloneStatement, conditionRow, opaque, viewStatement, withConditions, withEffect, withElement, withSid, withStrings } from "./statement";
import type { ObjectNode } from "./json";

function read(text: string): PolicyDocument {
  const doc = readDocument(text);
  if (isUnreadable(doc)) throw new Error(doc.message);
  return doc;
}

const odd = `{ "Id" : "Kept",
  "Statement": [
    {"Effect":"Allow", "NotAction": ["iam:*"],   "Resource":"*"},
    {
      "Sid": "Two",
      "Effect": "Deny",
      "Action": [ "s3:\\u0047etObject" ],
      "NotResource": "arn:aws:s3:::a/*",
      "Condition": {"NumericLessThan": {"s3:max-keys": 10.50}, "Bool": {"aws:SecureTransport": false}},
      "Surprise": {"a": [1e3, null]}
    },
    { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*" }
  ],
  "Version": "2008-10-17", "Extra": 1 }
`;

describe("a document", () => {
  it("keeps every byte when nothing changes", () => {
    for (const text of [odd, emptyPolicy, "", " \n", "{}", '{"Statement":{"Effect":"Allow"}}', '{"Statement":[1,"x",{}]}']) {
      const doc = read(text);
      expect(withStatements(doc, doc.statements)).toBe(text);
    }
  });

  it("changes only the statement that was edited", () => {
    const doc = read(odd);
    const edited = doc.statements.map((s, i) => (i === 2 ? withStrings(s as ObjectNode, "Action", ["s3:ListBucket", "s3:GetObject"]) : s));
    const text = withStatements(doc, edited);
    const at = doc.statements[2]!;
    expect(text.slice(0, at.start)).toBe(odd.slice(0, at.start));
    expect(text.endsWith(odd.slice(at.end))).toBe(true);
    expect(JSON.parse(text).Statement[2]).toEqual({ Effect: "Allow", Action: ["s3:ListBucket", "s3:GetObject"], Resource: "*" });
  });

  it("keeps what the edited statement has beside the edit, as it was written", () => {
    const doc = read(odd);
    const text = withStatements(doc, doc.statements.map((s, i) => (i === 1 ? withEffect(s as ObjectNode, "Allow") : s)));
    for (const piece of ["10.50", "1e3", "false", "\\u0047etObject", '"NotResource": "arn:aws:s3:::a/*"']) expect(text).toContain(piece);
    const was = JSON.parse(odd);
    was.Statement[1].Effect = "Allow";
    expect(JSON.parse(text)).toEqual(was);
    expect(Object.keys(JSON.parse(text))).toEqual(["Id", "Statement", "Version", "Extra"]);
  });

  it("adds, moves and removes statements without touching the others", () => {
    const doc = read(odd);
    const [a, b, c] = doc.statements as [ObjectNode, ObjectNode, ObjectNode];
    const text = withStatements(doc, [c, a, b, emptyStatement("New")]);
    const order = JSON.parse(text).Statement;
    const was = JSON.parse(odd).Statement;
    expect(order).toEqual([was[2], was[0], was[1], { Sid: "New", Effect: "Allow", Action: [], Resource: [] }]);
    expect(text).toContain('{"Effect":"Allow", "NotAction": ["iam:*"],   "Resource":"*"}');
    expect(JSON.parse(withStatements(doc, [b])).Statement).toEqual([was[1]]);
    expect(JSON.parse(withStatements(doc, [])).Statement).toEqual([]);
  });

  it("lays a document of one line out anew, and says the same", () => {
    const text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';
    const doc = read(text);
    const edited = withStatements(doc, [withSid(doc.statements[0] as ObjectNode, "A")]);
    expect(edited).toBe('{\n\t"Version": "2012-10-17",\n\t"Statement": {\n\t\t"Sid": "A",\n\t\t"Effect": "Allow",\n\t\t"Action": "s3:*",\n\t\t"Resource": "*"\n\t}\n}');
    const two = withStatements(read(edited), [...read(edited).statements, emptyStatement()]);
    expect(JSON.parse(two).Statement).toHaveLength(2);
  });

  it("begins a policy from nothing", () => {
    expect(JSON.parse(withStatements(read(""), [emptyStatement("A")]))).toEqual({ Version: "2012-10-17", Statement: [{ Sid: "A", Effect: "Allow", Action: [], Resource: [] }] });
  });

  it("tells where a text stops being JSON", () => {
    const cases: [string, number, number][] = [
      ['{\n  "a": 1,\n}', 3, 0],
      ['{"a" 1}', 1, 5],
      ['{"a": 01}', 1, 6],
      ['{"a": "b\n"}', 1, 6],
      ["[1, 2", 1, 5],
      ['{"a": 1} x', 1, 9],
      ["[]", 1, 0],
      ['{"Statement": [], "Statement": []}', 1, 0],
      ["[".repeat(100000), 1, 61],
    ];
    for (const [text, line, column] of cases) expect(readDocument(text), text.slice(0, 40)).toMatchObject({ line, column });
  });

  it("reads what JSON.parse reads, and refuses what it refuses", () => {
    for (const value of ["-0", "1.5E+3", '"\\ud83d\\ude00"', "truE", "1.", ".5", "+1", '"\\x"', "[1,]", "nul", "{,}", '"\u0001"', "[ ]", "{ }"]) {
      const text = `{"a":${value}}`;
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        parsed = undefined;
      }
      expect(isUnreadable(readDocument(text)), value).toBe(parsed === undefined);
    }
  });

  it("numbers new statements as AWS does and finds their lines", () => {
    expect(freeSid(read('{"Statement":[{"Sid":"VisualEditor0"},{"Sid":"VisualEditor2"}]}').statements)).toBe("VisualEditor1");
    expect(statementLines(odd, 1)).toEqual({ first: 4, last: 11 });
    expect(statementLines(odd, 9)).toBeUndefined();
    expect(statementLines("{", 0)).toBeUndefined();
  });
});

describe("a statement", () => {
  it("keeps as JSON what can't be shown", () => {
    const [a, b] = read(odd).statements as [ObjectNode, ObjectNode];
    expect(viewStatement(a).actions).toBeUndefined();
    expect(viewStatement(a)).toMatchObject({ effect: "Allow", resources: ["*"], conditions: [], kept: [{ element: "NotAction" }] });
    const two = viewStatement(b);
    expect(two.actions).toEqual(["s3:GetObject"]);
    expect(two.kept.map((k) => k.element)).toEqual(["NotResource", "Surprise"]);
    expect(two.conditions?.map((r) => [r.operator, r.key, r.values[0]?.raw])).toEqual([["NumericLessThan", "s3:max-keys", "10.50"], ["Bool", "aws:SecureTransport", "false"]]);
  });

  it("is JSON as a whole when it has an element twice or no effect", () => {
    const nodes = read('{"Statement":[{"Effect":"Allow","Effect":"Deny"},{"Effect":"allow"},7,{"Effect":"Deny"}]}').statements;
    expect(nodes.map((n) => opaque(n) === undefined)).toEqual([false, false, false, true]);
  });

  it("writes one value as a string, a list that was a list as a list", () => {
    const text = (n: ObjectNode, name: string) => n.members.find((m) => m.key === name)?.value.kind;
    expect(text(withStrings(emptyStatement(), "Action", ["a:b"]), "Action")).toBe("string");
    const list = read('{"Statement":[{"Effect":"Allow","Action":["a:b","a:c"]}]}').statements[0] as ObjectNode;
    expect(text(withStrings(list, "Action", ["a:b"]), "Action")).toBe("array");
    expect(withStrings(list, "Resource", ["*"]).members.map((m) => m.key)).toEqual(["Effect", "Action", "Resource"]);
  });

  it("puts conditions of one operator and key together", () => {
    const node = withConditions(emptyStatement(), [conditionRow("StringEquals", "aws:a", ["1"]), conditionRow("Bool", "aws:b", ["true"]), conditionRow("StringEquals", "aws:a", ["1", "2"])]);
    expect(viewStatement(node).conditions?.map((r) => [r.operator, r.key, r.values.map((v) => v.value)])).toEqual([["StringEquals", "aws:a", ["1", "2"]], ["Bool", "aws:b", ["true"]]]);
    expect(withConditions(node, []).members.some((m) => m.key === "Condition")).toBe(false);
  });

  it("is copied under its own Sid", () => {
    const copy = cloneStatement(withSid(emptyStatement(), "A"), "B");
    expect(viewStatement(copy).sid).toBe("B");
    expect(viewStatement(cloneStatement(withElement(emptyStatement(), "Sid", undefined), "B")).sid).toBeUndefined();
  });
});
