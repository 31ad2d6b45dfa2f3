import { describe, expect, test } from "vitest";
import { fileName, isFound, readCSV, rootRow, type Row } from "./credentials";

describe("readCSV", () => {
  test.each([
    ["a,b\nc,d", [["a", "b"], ["c", "d"]]],
    ["a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]],
    ['"x, ""y""",\n1,2', [['x, "y"', ""], ["1", "2"]]],
    ['"line\nend",b', [["line\nend", "b"]]],
    ["a,", [["a", ""]]],
    ["", []],
  ])("%j", (text, want) => expect(readCSV(text)).toEqual(want));

  test("refuses a quote that does not end", () => expect(() => readCSV('a,"b')).toThrow(".csv"));
});

test("the file is named as AWS names it", () => {
  expect(fileName(new Date("2026-11-23T06:22:57Z"))).toBe("status_reports_2026-11-23T06-22-57+00-00.csv");
});

describe("isFound", () => {
  const now = Date.parse("2026-11-23T00:00:00Z");
  const row = (some: Row): Row => ({ user: "Bob", password_enabled: "false", mfa_active: "false", access_key_1_active: "false", access_key_2_active: "false", ...some });
  const key = (rotated: string, used: string) => row({ access_key_2_active: "true", access_key_2_last_rotated: rotated, access_key_2_last_used_date: used });

  test("no MFA: who has credentials", () => {
    expect(isFound("no-mfa", row({}))).toBe(false);
    expect(isFound("no-mfa", row({ password_enabled: "true" }))).toBe(true);
    expect(isFound("no-mfa", row({ access_key_1_active: "true" }))).toBe(true);
    expect(isFound("no-mfa", row({ password_enabled: "true", mfa_active: "true" }))).toBe(false);
    expect(isFound("no-mfa", row({ user: rootRow, password_enabled: "not_supported" }))).toBe(true);
  });

  test("keys by age and use", () => {
    expect(isFound("old-keys", key("2026-08-24T00:00:00+00:00", "N/A"), now)).toBe(true);
    expect(isFound("old-keys", key("2026-08-25T00:00:00+00:00", "N/A"), now)).toBe(false);
    expect(isFound("old-keys", row({ access_key_1_last_rotated: "2020-01-01T00:00:00+00:00" }), now)).toBe(false);
    expect(isFound("unused-keys", key("2026-11-01T00:00:00+00:00", "N/A"))).toBe(true);
    expect(isFound("unused-keys", key("2026-11-01T00:00:00+00:00", "2026-11-02T00:00:00+00:00"))).toBe(false);
  });

  test("passwords that were never used", () => {
    expect(isFound("password-unused", row({ password_enabled: "true", password_last_used: "no_information" }))).toBe(true);
    expect(isFound("password-unused", row({ password_enabled: "true", password_last_used: "2026-11-02T00:00:00+00:00" }))).toBe(false);
    expect(isFound("password-unused", row({ password_last_used: "N/A" }))).toBe(false);
  });
});
