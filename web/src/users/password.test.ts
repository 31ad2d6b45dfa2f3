import { describe, expect, it } from "vitest";
import { fault, makePassword, rules, symbols } from "./password";

const strict = {
  MinimumPasswordLength: 20, RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true, RequireLowercaseCharacters: true,
};

describe("passwords", () => {
  it("are made so that every policy takes them", () => {
    for (let i = 0; i < 200; i++) {
      expect(fault(undefined, makePassword(undefined))).toBeUndefined();
      const made = makePassword(strict);
      expect([...made].length).toBe(20);
      expect(fault(strict, made)).toBeUndefined();
      expect([...made].every((c) => /[A-Za-z0-9]/.test(c) || symbols.includes(c))).toBe(true);
    }
  });

  it("are drawn again where a number would favour some characters", () => {
    let drawn = 0;
    makePassword(undefined, (a) => {
      a[0] = drawn++ % 2 === 0 ? 0xffffffff : drawn;
    });
    expect(drawn).toBeGreaterThan(40); // 16 characters and 15 swaps, half of the draws refused
  });

  it("are judged by AWS's default without a policy", () => {
    expect(fault(undefined, "")).toBe("Enter a password.");
    expect(fault(undefined, "Ab1!")).toContain("8 characters");
    expect(fault(undefined, "abcdefg1")).toContain("three of");
    expect(fault(undefined, "Abcdefg1")).toBeUndefined();
    expect(fault(undefined, "Aa1" + "x".repeat(126))).toContain("128");
  });

  it("are judged by the account's policy", () => {
    expect(fault({ MinimumPasswordLength: 6 }, "aaaaaa")).toBeUndefined();
    expect(fault({ MinimumPasswordLength: 6, RequireNumbers: true, RequireSymbols: true }, "aaaaaa~")).toMatch(/number.* and one symbol/);
  });

  it("have rules in words", () => {
    expect(rules(undefined)).toHaveLength(2);
    expect(rules({ ...strict, PasswordReusePrevention: 5 })).toHaveLength(6);
  });
});
