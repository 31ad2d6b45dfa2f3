import { describe, expect, it } from "vitest";
import { byLevel, byNeed, chosenActions, faultOfAction, manualPatterns, resourceNeeds, toggleActions, toggleAll, wildcardOf } from "./actions";
import { conditionKeysFor, faultOfAddress, faultOfValue, joinOperator, operatorsFor, splitOperator } from "./conditions";
import { diffLines, sideBySide } from "./diff";
import { sizeOf } from "./kinds";
import { ReferenceClient } from "./reference";
import { service } from "./testdata/reference";

const s3 = service("s3"), sts = service("sts");

describe("actions", () => {
  it("are chosen and left out by name", () => {
    const one = toggleActions(sts, [], ["AssumeRole"], true);
    expect(one).toEqual(["sts:AssumeRole"]);
    expect(toggleActions(sts, one, ["AssumeRole", "TagSession"], true)).toEqual(["sts:AssumeRole", "sts:TagSession"]);
    expect(toggleActions(sts, ["STS:assumerole", "s3:GetObject"], ["AssumeRole"], false)).toEqual(["s3:GetObject"]);
    expect(toggleActions(s3, ["s3:Get*"], ["GetObject"], true)).toEqual(["s3:Get*"]);
    expect(toggleAll(s3, ["s3:Get*", "sts:AssumeRole"], true)).toEqual(["sts:AssumeRole", "s3:*"]);
    expect(toggleAll(s3, ["s3:*", "sts:AssumeRole"], false)).toEqual(["sts:AssumeRole"]);
  });

  it("are found by wildcards, in whatever case", () => {
    expect(chosenActions(s3, ["S3:get*Tagging"]).map((a) => a.name)).toEqual(["GetObjectTagging"]);
    expect(wildcardOf(s3, s3.actions.find((a) => a.name === "GetObject")!, ["s3:GetObject", "s3:G*"])).toBe("s3:G*");
    expect(manualPatterns(s3, ["s3:G*", "s3:GetObject", "s3:*", "s3:Nope", "sts:A*"])).toEqual(["s3:G*", "s3:Nope"]);
    expect(faultOfAction(s3, "Get*")).toBeUndefined();
    for (const bad of ["", "Nope", "s3:Get*", "Get Object"]) expect(faultOfAction(s3, bad), bad).toBeDefined();
    expect(byLevel(s3.actions).map((g) => g.level)).toEqual(["List", "Read", "Write", "Tagging", "Permissions management"]);
  });

  it("need resources of their types", () => {
    const { needs, without } = resourceNeeds([s3], ["s3:GetObject", "s3:ListBucket", "s3:ListAllMyBuckets"]);
    expect(without).toEqual(["s3:ListAllMyBuckets"]);
    const groups = byNeed(needs, ["arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:sqs:::q"]);
    expect([...groups].map(([n, arns]) => [n?.type.name, arns])).toEqual([["bucket", ["arn:aws:s3:::b"]], ["object", ["arn:aws:s3:::b/*"]], [undefined, ["arn:aws:sqs:::q"]]]);
  });
});

describe("conditions", () => {
  it("have operators by the key's type", () => {
    expect(operatorsFor("Bool")).toEqual(["Bool", "Null"]);
    expect(operatorsFor("ArrayOfString")).toContain("StringLike");
    expect(operatorsFor("IPAddress")).not.toContain("StringLike");
    expect(operatorsFor(undefined)).toContain("BinaryEquals");
    for (const whole of ["StringEquals", "ForAnyValue:StringLikeIfExists", "Null", "ForAllValues:ArnLike"]) expect(joinOperator(splitOperator(whole))).toBe(whole);
  });

  it("have the keys of service, action and resource, then the global ones", () => {
    const keys = conditionKeysFor([sts], ["sts:AssumeRole"], [{ name: "aws:SourceIp", type: "IPAddress" }, { name: "AWS:TagKeys", type: "ArrayOfString" }]).map((k) => k.name);
    expect(keys).toContain("aws:ResourceTag/${TagKey}");
    expect(keys.at(-1)).toBe("aws:SourceIp");
    expect(conditionKeysFor([sts], ["sts:GetCallerIdentity"], []).length).toBe(0);
  });

  it("refuse values that are not of the operator's type", () => {
    for (const good of ["203.0.113.0/24", "10.0.0.1", "2001:db8::/32", "::1", "1:2:3:4:5:6:7:8"]) expect(faultOfAddress(good), good).toBeUndefined();
    for (const bad of ["", "10.0.0", "10.0.0.256", "10.0.0.1/33", "10.0.0.1/", "::1/129", "1::2::3", "x::"]) expect(faultOfAddress(bad), bad).toBeDefined();
    expect(faultOfValue("Bool", "yes")).toBeDefined();
    expect(faultOfValue("NumericEquals", "1.5")).toBeUndefined();
    expect(faultOfValue("DateLessThan", "soon")).toBeDefined();
    expect(faultOfValue("IpAddress", "${aws:SourceIp}")).toBeUndefined();
  });
});

describe("differences", () => {
  it("keep what both have, in order", () => {
    const lines = diffLines("a\nb\nc\nd", "a\nc\nx\nd");
    expect(lines.map((l) => l.kind[0] + l.text)).toEqual(["sa", "rb", "sc", "ax", "sd"]);
    expect(lines.map((l) => [l.before, l.after])).toEqual([[1, 1], [2, undefined], [3, 2], [undefined, 3], [4, 4]]);
    expect(sideBySide(diffLines("a\nb", "a\nc")).at(1)).toMatchObject({ left: { text: "b" }, right: { text: "c" } });
    expect(diffLines("a\na", "a").map((l) => l.kind)).toEqual(["same", "removed"]);
  });

  it("rebuild both texts, whatever they are", () => {
    let seed = 7;
    const next = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
    for (let i = 0; i < 200; i++) {
      const make = () => Array.from({ length: next(12) }, () => "abc"[next(3)]).join("\n");
      const a = make(), b = make(), lines = diffLines(a, b);
      expect(lines.filter((l) => l.kind !== "added").map((l) => l.text).join("\n")).toBe(a);
      expect(lines.filter((l) => l.kind !== "removed").map((l) => l.text).join("\n")).toBe(b);
    }
    const long = Array.from({ length: 5000 }, (_, i) => `x${i}`).join("\n");
    expect(diffLines(long, long.replaceAll("x", "y"))).toHaveLength(10000);
  });
});

describe("facts", () => {
  it("are asked for once, failures again", async () => {
    const asked: string[] = [];
    const client = new ReferenceClient(async (path) => {
      asked.push(path);
      if (path.endsWith("/bad") && asked.length < 4) throw new Error("no");
      return path === "reference/services" ? null : { prefix: "x", actions: [{ name: "A", level: "Read" }] };
    });
    expect(await client.services()).toEqual([]);
    await client.services();
    expect((await client.service("a/b")).actions[0]?.resources).toEqual([]);
    await expect(client.service("bad")).rejects.toThrow("no");
    expect((await client.service("bad")).resourceTypes).toEqual([]);
    expect(asked).toEqual(["reference/services", "reference/services/a%2Fb", "reference/services/bad", "reference/services/bad"]);
  });

  it("count characters as the quota does", () => {
    expect(sizeOf('{ "a": 1 }\n', "identity")).toBe(7);
    expect(sizeOf('{ "a": 1 }\n', "scp")).toBe(11);
    expect(sizeOf('"😀"', "trust")).toBe(3);
  });
});
