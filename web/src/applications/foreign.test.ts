import { expect, it } from "vitest";
import { foreignPrincipals } from "./foreign";

const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });

it("names those of other accounts that a statement allows", () => {
  const text = policy(
    { Effect: "Allow", Principal: { AWS: ["arn:aws:iam::111122223333:user/Own", "111122223333", "444455556666", "arn:aws:iam::444455556666:role/Far"] }, Action: "*", Resource: "*" },
    { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com", AWS: "444455556666" }, Action: "*", Resource: "*" },
    { Effect: "Deny", Principal: { AWS: "777788889999" }, Action: "*", Resource: "*" },
  );
  expect(foreignPrincipals(text, "111122223333")).toEqual(["444455556666", "arn:aws:iam::444455556666:role/Far", "lambda.amazonaws.com"]);
});

it("takes everybody for others too", () => {
  expect(foreignPrincipals(policy({ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }), "111122223333")).toEqual(["*"]);
  expect(foreignPrincipals(policy({ Effect: "Allow", Principal: { AWS: "*" } }), "111122223333")).toEqual(["*"]);
  expect(foreignPrincipals(policy({ Effect: "Allow", NotPrincipal: { AWS: "111122223333" } }), "111122223333")).toEqual(["*"]);
});

it("names nobody where there is nothing to read", () => {
  for (const text of ["", "{", "{}", policy({ Effect: "Allow", Principal: 3 })]) expect(foreignPrincipals(text, "111122223333"), text).toEqual([]);
});
