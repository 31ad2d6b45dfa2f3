import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { dismissOld, messages, notify } from "./notify";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const shown = (text: string) => messages().some((m) => m.content === text);

it("a message stays for the navigation that follows at once, and for no other", () => {
  dismissOld("/users/create");
  notify("success", "User created");
  dismissOld("/users/create"); // drawn anew: nobody went anywhere
  dismissOld("/users");
  expect(shown("User created")).toBe(true);
  dismissOld("/groups");
  expect(shown("User created")).toBe(false);
});

it("a message that was read on its page stays there", () => {
  dismissOld("/users");
  notify("success", "User deleted");
  vi.advanceTimersByTime(3000);
  expect(shown("User deleted")).toBe(true);
  dismissOld("/groups");
  expect(shown("User deleted")).toBe(false);
});
