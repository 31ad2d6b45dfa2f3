import { useCallback, useRef } from "react";
import { askServer, type Validate } from "../policy/validation";

/** For a page around a TrustEditor: how the editor checks, and whether a text has
 * errors, with which it is not saved. One that can't be checked has none: the
 * server refuses it if it must. */
export function useTrustChecks(): { validate: Validate; hasErrors: (text: string) => Promise<boolean> } {
  const last = useRef<{ text: string; bad: boolean }>(undefined);
  const validate: Validate = useCallback(async (text, kind) => {
    const findings = await askServer(text, kind);
    last.current = { text, bad: findings.some((f) => f.findingType === "ERROR") };
    return findings;
  }, []);
  const hasErrors = useCallback(
    async (text: string) => {
      if (last.current?.text !== text) await validate(text, "trust").catch(() => undefined);
      return last.current?.text === text && last.current.bad;
    },
    [validate],
  );
  return { validate, hasErrors };
}
