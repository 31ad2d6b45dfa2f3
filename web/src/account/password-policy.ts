// The account's password policy, as the form has it.
import type { PasswordPolicy, UpdateAccountPasswordPolicyCommandInput } from "@aws-sdk/client-iam";

export interface PolicyForm {
  length: string;
  upper: boolean;
  lower: boolean;
  numbers: boolean;
  symbols: boolean;
  expires: boolean;
  days: string;
  hard: boolean; // an administrator must reset a password that has expired
  own: boolean; // users may change their own
  noReuse: boolean;
  remembered: string;
}

/** What AWS's console begins a custom policy with. */
export const usual: PolicyForm = {
  length: "8", upper: true, lower: true, numbers: true, symbols: true, expires: false, days: "90", hard: false, own: true, noReuse: false, remembered: "5",
};

export function toForm(p: PasswordPolicy): PolicyForm {
  return {
    length: String(p.MinimumPasswordLength ?? 6),
    upper: p.RequireUppercaseCharacters === true,
    lower: p.RequireLowercaseCharacters === true,
    numbers: p.RequireNumbers === true,
    symbols: p.RequireSymbols === true,
    expires: p.MaxPasswordAge !== undefined,
    days: String(p.MaxPasswordAge ?? 90),
    hard: p.HardExpiry === true,
    own: p.AllowUsersToChangePassword === true,
    noReuse: p.PasswordReusePrevention !== undefined,
    remembered: String(p.PasswordReusePrevention ?? 5),
  };
}

function between(text: string, least: number, most: number, what: string): string | undefined {
  const n = Number(text);
  return /^\d+$/.test(text.trim()) && n >= least && n <= most ? undefined : `Enter ${least} to ${most.toLocaleString("en-US")} ${what}.`;
}

export function policyFaults(f: PolicyForm): { length?: string; days?: string; remembered?: string } {
  return {
    length: between(f.length, 6, 128, "characters"),
    days: f.expires ? between(f.days, 1, 1095, "days") : undefined,
    remembered: f.noReuse ? between(f.remembered, 1, 24, "passwords") : undefined,
  };
}

/** The call that sets it. What is not said is off: the policy is replaced whole. */
export function toInput(f: PolicyForm): UpdateAccountPasswordPolicyCommandInput {
  return {
    MinimumPasswordLength: Number(f.length),
    RequireUppercaseCharacters: f.upper,
    RequireLowercaseCharacters: f.lower,
    RequireNumbers: f.numbers,
    RequireSymbols: f.symbols,
    AllowUsersToChangePassword: f.own,
    MaxPasswordAge: f.expires ? Number(f.days) : undefined,
    HardExpiry: f.expires && f.hard,
    PasswordReusePrevention: f.noReuse ? Number(f.remembered) : undefined,
  };
}

/** The rules of a policy as sentences. */
export function rules(p: PasswordPolicy | undefined): { strength: string[]; other: string[] } {
  if (!p) {
    return {
      strength: [
        "Password minimum length is 8 characters",
        "Include a minimum of three of the following mix of character types: uppercase letters, lowercase letters, numbers, and non-alphanumeric characters",
        "Must not be identical to your AWS account name or email address",
      ],
      other: ["Never expire password"],
    };
  }
  const s = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const f = toForm(p);
  return {
    strength: [
      `Password minimum length is ${s(Number(f.length), "character")}`,
      ...(f.upper ? ["Require at least one uppercase letter from Latin alphabet (A-Z)"] : []),
      ...(f.lower ? ["Require at least one lowercase letter from Latin alphabet (a-z)"] : []),
      ...(f.numbers ? ["Require at least one number"] : []),
      ...(f.symbols ? ["Require at least one non-alphanumeric character (! @ # $ % ^ & * ( ) _ + - = [ ] { } | ')"] : []),
    ],
    other: [
      f.expires ? `Password expires in ${s(Number(f.days), "day")}` : "Never expire password",
      ...(f.expires && f.hard ? ["Password expiration requires administrator reset"] : []),
      f.own ? "Allow users to change their own password" : "Users may change their own password only where a policy allows it",
      ...(f.noReuse ? [`Remember last ${s(Number(f.remembered), "password")} and prevent reuse`] : []),
    ],
  };
}
