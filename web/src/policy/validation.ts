// Checks as one types: what stops a text from being JSON at once, the rest by
// ValidatePolicy when the person has paused.
import { useEffect, useRef, useState } from "react";
import { validatePolicy, type Finding, type Place } from "../aws";
import { JSONFault, parseJSON, placeOf } from "./json";
import { kinds, type PolicyKind } from "./kinds";

export type { Finding };
export type Validate = (text: string, kind: PolicyKind) => Promise<Finding[]>;

export interface Validation {
  findings: Finding[];
  checking: boolean;
  /** Why the policy could not be checked. */
  error?: unknown;
}

const pause = 500; // ms without a change, before the server is asked

export const askServer: Validate = (text, kind) => validatePolicy(text, kinds[kind].type, kinds[kind].resourceType);

/** The finding of a text that is not JSON; undefined when it is. */
export function syntaxFinding(text: string): Finding | undefined {
  try {
    parseJSON(text);
    return undefined;
  } catch (e) {
    if (!(e instanceof JSONFault)) throw e;
    const at: Place = { ...placeOf(text, e.offset), offset: e.offset };
    return {
      findingType: "ERROR",
      issueCode: "JSON_SYNTAX_ERROR",
      findingDetails: `${e.message}.`,
      learnMoreLink: "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-error-json-syntax-error",
      locations: [{ path: [], span: { start: at, end: { ...at, offset: at.offset + 1, column: at.column + 1 } } }],
    };
  }
}

/** Findings for a text; those of the text before stay until there are new ones. A blank text has none. */
export function usePolicyValidation(text: string, kind: PolicyKind, validate: Validate = askServer): Validation {
  const [state, setState] = useState<Validation>({ findings: [], checking: false });
  const latest = useRef(validate);
  latest.current = validate;
  useEffect(() => {
    if (text.trim() === "") return setState({ findings: [], checking: false });
    const syntax = syntaxFinding(text);
    if (syntax) return setState({ findings: [syntax], checking: false });
    let gone = false;
    setState((s) => ({ ...s, checking: true }));
    const timer = setTimeout(() => {
      latest.current(text, kind).then(
        (findings) => gone || setState({ findings, checking: false }),
        (error: unknown) => gone || setState({ findings: [], checking: false, error }),
      );
    }, pause);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [text, kind]);
  return state;
}

export const findingTypes = [
  { type: "SECURITY_WARNING", title: "Security", mark: "security" },
  { type: "ERROR", title: "Errors", mark: "error" },
  { type: "WARNING", title: "Warnings", mark: "warning" },
  { type: "SUGGESTION", title: "Suggestions", mark: "info" },
] as const;

/** Where a finding is first: a line from 1 and a column from 0. */
export function firstPlace(finding: Finding): Place {
  return finding.locations[0]?.span.start ?? { line: 1, column: 0, offset: 0 };
}
