import { expect, it } from "vitest";
import { inWords, isClientId, nameFault, partnerFault, signerFault } from "./words";

it("knows a client ID from what would be another path", () => {
  const id = "amzn1.application-oa2-client." + "0a".repeat(16);
  expect(isClientId(id)).toBe(true);
  for (const other of ["", "..", id + "/secret", id.toUpperCase(), id.slice(1), id + "\n"]) expect(isClientId(other), other).toBe(false);
});

it("takes names that can be seen", () => {
  for (const name of ["Orders", "Bücher & <b>Noten</b>", "注文", "x".repeat(128), "😀".repeat(128)]) expect(nameFault(name), name).toBeUndefined();
  expect(nameFault(" ")).toBe("Enter a name.");
  expect(nameFault("x".repeat(129))).toContain("128 characters at most");
  expect(nameFault("Orders ")).toContain("no space at its ends");
  for (const name of ["a\nb", "a\u0000b", "a\u202eb", "a\u2028b", "\ud800"]) expect(nameFault(name), JSON.stringify(name)).toContain("can be seen");
});

it("takes roles and users of the account", () => {
  const account = "111122223333";
  for (const arn of [`arn:aws:iam::${account}:role/Selling`, `arn:aws:iam::${account}:user/team/a/Bob`]) expect(signerFault(arn, account), arn).toBeUndefined();
  expect(signerFault("", account)).toContain("Choose a role or user");
  expect(signerFault("arn:aws:iam::444455556666:role/Selling", account)).toBe("The role or user must be of this account, 111122223333.");
  for (const arn of ["Selling", `arn:aws:iam::${account}:root`, `arn:aws:iam::${account}:group/G`, `arn:aws:iam::${account}:role/`, `arn:aws:sts::${account}:assumed-role/R/s`]) {
    expect(signerFault(arn, account), arn).toContain("is like arn:aws:iam::111122223333:role/NAME");
  }
});

it("takes selling partner IDs, and none", () => {
  for (const id of ["", "A2EXAMPLE1", "A2EXAMPLE12345678901"]) expect(partnerFault(id), id).toBeUndefined();
  for (const id of ["A2EXAMPLE", "A2EXAMPLE123456789012", "a2example12345", "A2EXAMPLE-12345"]) expect(partnerFault(id), id).toContain("10 to 20 capital letters");
});

it("says of a field what the server says of a member", () => {
  expect(inWords("selling_partner_id must have 10 to 20 capital letters")).toBe("The selling partner ID must have 10 to 20 capital letters");
  expect(inWords("iam_arn must be the ARN")).toBe("The IAM ARN must be the ARN");
  for (const other of ["", "The request body must be one JSON object.", "constructor of nothing", "names must be"]) expect(inWords(other)).toBe(other);
});
