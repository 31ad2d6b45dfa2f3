import { describe, expect, it } from "vitest";
import { isUnreadable, readDocument } from "./document";
import { readStatements, servicesToLoad } from "./grants";
import { countText, summarize } from "./summary";
import { details, names } from "./testdata/reference";

function summary(...statements: object[]) {
  const doc = readDocument(JSON.stringify({ Version: "2012-10-17", Statement: statements }));
  if (isUnreadable(doc)) throw new Error(doc.message);
  return { ...summarize(doc, names, details), load: servicesToLoad(readStatements(doc).statements, names) };
}
const row = (s: ReturnType<typeof summary>["allow"], prefix: string) => s.rows.find((r) => r.prefix === prefix);

describe("the summary", () => {
  it("shows the verification policy of the workflow", () => {
    const s = summary({ Effect: "Allow", Action: "execute-api:Invoke", Resource: "arn:aws:execute-api:*:*:*" });
    expect(s.allow.rows).toMatchObject([{ prefix: "execute-api", level: "Limited: Write", condition: "None" }]);
    expect(countText("Allow", s.allow, s.services)).toBe("Allow (1 of 5 services)");
    expect(s.deny.rows).toEqual([]);
    expect(s.faults).toBe(false);
  });

  it("names the resource by its parts", () => {
    const s = summary({ Effect: "Allow", Action: "sts:AssumeRole", Resource: "arn:aws:iam::111122223333:role/SPAPI" });
    expect(s.allow.rows).toMatchObject([{ level: "Limited: Write", resource: "RoleNameWithPath | string like | SPAPI" }]);
    expect(s.allow.rows[0]?.actions.map((a) => a.name)).toEqual(["AssumeRole"]);
  });

  it("tells full from limited by access level", () => {
    const all = { Effect: "Allow", Resource: "*" };
    expect(row(summary({ ...all, Action: "s3:*" }).allow, "s3")?.level).toBe("Full access");
    expect(row(summary({ ...all, Action: ["s3:List*", "s3:GetObject"] }).allow, "s3")?.level).toBe("Full: List Limited: Read");
    expect(row(summary({ ...all, Action: ["S3:list*"] }).allow, "s3")?.level).toBe("Full: List");
    // Buckets can't be listed by the ARN of one: the action has no resource.
    const bucket = summary({ Effect: "Allow", Action: "s3:*", Resource: ["arn:aws:s3:::b", "arn:aws:s3:::b/*"] });
    expect(row(bucket.allow, "s3")?.level).toContain("Limited: List");
    expect(row(bucket.allow, "s3")?.resource).toBe("Multiple");
  });

  it("counts every service for a star, without their details", () => {
    const s = summary({ Effect: "Allow", Action: "*", Resource: "*" });
    expect(s.allow.rows.map((r) => r.level)).toEqual(Array(5).fill("Full access"));
    expect(s.load).toEqual([]);
    const some = summary({ Effect: "Allow", Action: "*", Resource: "arn:aws:iam::111122223333:role/x" });
    expect(some.load.sort()).toEqual(["iam", "sts"]);
    expect(some.allow.rows.map((r) => r.prefix).sort()).toEqual(["iam", "sts"]);
  });

  it("leaves NotAction's services out, and what it names of others", () => {
    const s = summary({ Effect: "Allow", NotAction: ["iam:*", "s3:PutObject"], Resource: "*" });
    expect(s.allow.rows.map((r) => r.prefix).sort()).toEqual(["execute-api", "s3", "sqs", "sts"]);
    expect(row(s.allow, "s3")?.level).toContain("Limited: Write");
    expect(row(s.allow, "sts")?.level).toBe("Full access");
    expect(summary({ Effect: "Allow", NotAction: "*", Resource: "*" }).allow.rows).toEqual([]);
  });

  it("keeps denials apart, with their conditions", () => {
    const s = summary(
      { Effect: "Allow", Action: "s3:GetObject", Resource: "*" },
      { Effect: "Deny", Action: "s3:*", Resource: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
      { Effect: "Deny", Action: "iam:*", NotResource: "arn:aws:iam::111122223333:user/x" },
    );
    expect(row(s.allow, "s3")?.condition).toBe("None");
    expect(row(s.deny, "s3")).toMatchObject({ level: "Full access", condition: "aws:SecureTransport | Bool | false" });
    expect(row(s.deny, "iam")?.resource).toBe("All resources except arn:aws:iam::111122223333:user/x");
  });

  it("tells what gives nothing", () => {
    const s = summary({ Effect: "Allow", Action: ["s3:ListAllMyBuckets", "s3:GetObject", "s3:Nothing"], Resource: "arn:aws:s3:::b/*" }, { Effect: "Allow", Action: ["nosuch:Do", "iam:ListUsers"], Resource: "arn:aws:s3:::b" });
    expect(row(s.allow, "s3")).toMatchObject({ level: "Limited: Read", unknown: ["s3:Nothing"] });
    expect(row(s.allow, "s3")?.actions.filter((a) => a.without).map((a) => a.name)).toEqual(["ListAllMyBuckets"]);
    expect(row(s.allow, "iam")).toMatchObject({ level: "None", resource: "None" });
    expect(s.allow.unrecognized).toEqual(["nosuch"]);
    expect(s.faults).toBe(true);
  });

  it("counts statements that can't be read", () => {
    expect(summary({ Effect: "Permit", Action: "*", Resource: "*" }, { Effect: "Allow", Action: 3, Resource: "*" })).toMatchObject({ unread: 2, faults: true });
  });
});
