import { expect, test } from "vitest";
import { aliasFault } from "./alias";
import { policyFaults, rules, toForm, toInput, usual } from "./password-policy";

test("a form of a policy makes the same policy again", () => {
  const input = {
    MinimumPasswordLength: 14, RequireUppercaseCharacters: true, RequireLowercaseCharacters: false, RequireNumbers: true, RequireSymbols: false,
    AllowUsersToChangePassword: true, MaxPasswordAge: 90, HardExpiry: true, PasswordReusePrevention: 5,
  };
  expect(toInput(toForm({ ...input, ExpirePasswords: true }))).toEqual(input);
});

test("what is switched off is not sent, and its number does not matter", () => {
  const f = { ...usual, days: "nonsense", remembered: "99", hard: true };
  expect(Object.values(policyFaults(f)).filter(Boolean)).toEqual([]);
  expect(toInput(f)).toMatchObject({ MaxPasswordAge: undefined, HardExpiry: false, PasswordReusePrevention: undefined });
});

test("numbers out of bounds are told", () => {
  const faults = policyFaults({ ...usual, length: "5", expires: true, days: "1096", noReuse: true, remembered: "0" });
  expect(faults).toEqual({ length: "Enter 6 to 128 characters.", days: "Enter 1 to 1,095 days.", remembered: "Enter 1 to 24 passwords." });
});

test("rules say what is on", () => {
  expect(rules(undefined).other).toEqual(["Never expire password"]);
  const { strength, other } = rules({ MinimumPasswordLength: 14, RequireSymbols: true, MaxPasswordAge: 1, HardExpiry: true, PasswordReusePrevention: 5 });
  expect(strength).toHaveLength(2);
  expect(other).toContain("Password expires in 1 day");
  expect(other).toContain("Remember last 5 passwords and prevent reuse");
});

test("aliases", () => {
  expect(aliasFault("acme-dev")).toBeUndefined();
  for (const bad of ["ab", "Acme", "-acme", "acme-", "ac--me", "123456789012", "a".repeat(64)]) expect(aliasFault(bad), bad).toBeDefined();
});
