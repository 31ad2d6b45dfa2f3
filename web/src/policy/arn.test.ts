import { describe, expect, it } from "vitest";
import { anyInAccount, bestTemplate, buildARN, covers, faultOfARN, faultOfAnswer, parseARN, partsOf } from "./arn";
import { fits, overlap } from "./wildcard";
import { service } from "./testdata/reference";

const role = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}";
const api = "arn:${Partition}:execute-api:${Region}:${Account}:${ApiId}/${Stage}/${Method}/${ApiSpecificResourcePath}";
const object = "arn:${Partition}:s3:::${BucketName}/${ObjectName}";

describe("an ARN template", () => {
  it("asks for its parts", () => {
    expect(partsOf(role).map((p) => [p.kind, p.label])).toEqual([["account", "account"], ["name", "role name with path"]]);
    expect(partsOf(api).map((p) => p.label)).toEqual(["region", "account", "API ID", "stage", "method", "API specific resource path"]);
  });

  it("is built and read back", () => {
    const answers = { Partition: "aws", Region: "us-east-1", Account: "111122223333", ApiId: "abc", Stage: "prod", Method: "GET", ApiSpecificResourcePath: "orders/v0/*" };
    const arn = buildARN(api, answers);
    expect(arn).toBe("arn:aws:execute-api:us-east-1:111122223333:abc/prod/GET/orders/v0/*");
    expect(parseARN(api, arn)).toEqual(answers);
    for (const type of ["sts", "s3", "iam", "execute-api"].flatMap((p) => service(p).resourceTypes)) {
      const filled = Object.fromEntries([["Partition", "aws"], ...partsOf(type.arn).map((p) => [p.name, p.kind === "account" ? "111122223333" : "x1"])]) as Record<string, string>;
      expect(parseARN(type.arn, buildARN(type.arn, filled)), type.arn).toEqual(filled);
    }
    expect(anyInAccount(role, "111122223333")).toBe("arn:aws:iam::111122223333:role/*");
    expect(parseARN(role, "arn:aws:iam::1:role/a/b")).toEqual({ Partition: "aws", Account: "1", RoleNameWithPath: "a/b" });
    expect(parseARN(role, "arn:aws:iam::1:user/a")).toBeUndefined();
    expect(parseARN(role, "*")).toBeUndefined();
  });

  it("is chosen by what fits best", () => {
    const types = service("s3").resourceTypes;
    expect(bestTemplate(types, "arn:aws:s3:::b")?.name).toBe("bucket");
    expect(bestTemplate(types, "arn:aws:s3:::b/k/l")?.name).toBe("object");
    expect(bestTemplate(types, "arn:aws:sqs:::b")).toBeUndefined();
  });

  it("is covered by what can mean one of its resources", () => {
    expect(covers("arn:aws:s3:::b", object)).toBe(false);
    expect(covers("arn:aws:s3:::b*", object)).toBe(true);
    expect(covers("arn:aws:s3:::${aws:username}/*", object)).toBe(true);
    expect(covers("arn:aws:iam::111122223333:role/*", object)).toBe(false);
    expect(covers("*", object)).toBe(true);
  });
});

describe("entered text", () => {
  it("is refused with the reason", () => {
    expect(faultOfARN("arn:aws:iam::111122223333:role/a")).toBeUndefined();
    expect(faultOfARN("arn:aws:s3:::b/${aws:username}")).toBeUndefined();
    expect(faultOfARN("arn:aws:iam::1111:role/a")).toContain("12 digits");
    for (const bad of ["", "role/a", "arn:aws:iam::111122223333", "arn:aws:s3:::a b", "arn::s3:::x", "arn:aws:s3:::"]) expect(faultOfARN(bad), bad).toBeDefined();
    const [account, name] = partsOf(role) as [ReturnType<typeof partsOf>[0], ReturnType<typeof partsOf>[0]];
    expect([faultOfAnswer(account, "12"), faultOfAnswer(account, "*"), faultOfAnswer(name, ""), faultOfAnswer(name, "a/b")].map((f) => f === undefined)).toEqual([false, true, false, true]);
  });
});

describe("patterns", () => {
  it("fit texts", () => {
    const cases: [string, string, boolean][] = [["*", "", true], ["", "", true], ["a?c", "abc", true], ["a*c", "ac", true], ["a*b*c", "axxbyyc", true], ["a*b", "abc", false], ["?", "", false]];
    for (const [p, t, want] of cases) expect(fits(p, t), `${p} ${t}`).toBe(want);
    expect(fits("*a".repeat(40), "a".repeat(5000) + "b")).toBe(false);
  });

  it("overlap exactly when a text fits both", () => {
    const letters = ["a", "b", "*", "?"];
    const patterns = [""];
    for (let from = 0, n = 0; n < 3; n++) {
      const end = patterns.length;
      for (; from < end; from++) for (const l of letters) patterns.push(patterns[from]! + l);
    }
    const texts = [""];
    for (let from = 0, n = 0; n < 6; n++) {
      const end = texts.length;
      for (; from < end; from++) for (const l of ["a", "b"]) texts.push(texts[from]! + l);
    }
    const wanted = patterns.map((p) => new Set(texts.filter((t) => fits(p, t))));
    for (let i = 0; i < patterns.length; i++)
      for (let j = 0; j < patterns.length; j++) {
        const common = [...wanted[i]!].some((t) => wanted[j]!.has(t));
        if (overlap(patterns[i]!, patterns[j]!) !== common) expect.fail(`${patterns[i]} and ${patterns[j]}: ${!common}`);
      }
  });
});
