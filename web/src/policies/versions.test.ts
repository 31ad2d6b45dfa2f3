import { expect, it } from "vitest";
import { oldestSpare, versionName } from "./versions";

const v = (n: number, IsDefaultVersion = false) => ({ VersionId: `v${n}`, IsDefaultVersion });

it("gives up the oldest version that is not in force", () => {
  expect(oldestSpare([v(12), v(11), v(10), v(9), v(2, true)])?.VersionId).toBe("v9");
  expect(oldestSpare([v(3), v(1), v(2, true)])?.VersionId).toBe("v1");
  expect(oldestSpare([v(1, true)])).toBeUndefined();
});

it("names versions as lists do", () => {
  expect(versionName(v(12))).toBe("Version 12");
});
