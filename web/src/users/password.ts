// What an account asks of passwords: in words, as faults of a text, and as a
// text that is made by chance.
import { GetAccountPasswordPolicyCommand, type PasswordPolicy } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { describe, isMissing } from "../shared/errors";

export const symbols = "!@#$%^&*()_+-=[]{}|'";

const kinds = {
  upper: { chars: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", text: "uppercase letter (A-Z)" },
  lower: { chars: "abcdefghijklmnopqrstuvwxyz", text: "lowercase letter (a-z)" },
  numbers: { chars: "0123456789", text: "number (0-9)" },
  symbols: { chars: symbols, text: `symbol ${[...symbols].join(" ")}` },
};

/** Stands for a policy that the person may not read: the server will judge. */
const unread: PasswordPolicy = { MinimumPasswordLength: 1 };

/** The account's own policy; undefined where AWS's default holds. */
export async function passwordPolicy(): Promise<PasswordPolicy | undefined> {
  try {
    return (await iam().send(new GetAccountPasswordPolicyCommand({}))).PasswordPolicy;
  } catch (e) {
    if (isMissing(e)) return undefined;
    if (describe(e).denied) return unread;
    throw e;
  }
}

function asked(policy: PasswordPolicy | undefined) {
  const list = [];
  if (policy?.RequireUppercaseCharacters) list.push(kinds.upper);
  if (policy?.RequireLowercaseCharacters) list.push(kinds.lower);
  if (policy?.RequireNumbers) list.push(kinds.numbers);
  if (policy?.RequireSymbols) list.push(kinds.symbols);
  return list;
}

function least(policy: PasswordPolicy | undefined): number {
  return policy ? (policy.MinimumPasswordLength ?? 6) : 8;
}

/** The rules, as a list to read. */
export function rules(policy: PasswordPolicy | undefined): string[] {
  if (policy === unread) return ["Must be as the account's password policy wants it"];
  const length = `Must be at least ${least(policy)} characters long`;
  if (!policy) {
    const all = "uppercase letters (A-Z), lowercase letters (a-z), numbers (0-9), and symbols " + [...symbols].join(" ");
    return [length, `Must include at least three of the following mix of character types: ${all}`];
  }
  const more = asked(policy).map((k) => `Must include at least one ${k.text}`);
  if (policy.PasswordReusePrevention) more.push(`Must not be one of the last ${policy.PasswordReusePrevention} passwords`);
  return [length, ...more];
}

/** What a password lacks, or nothing. The server may know more: old passwords,
 * the account's own name. */
export function fault(policy: PasswordPolicy | undefined, password: string): string | undefined {
  const has = (k: { chars: string }) => [...password].some((c) => k.chars.includes(c));
  if (password === "") return "Enter a password.";
  const length = [...password].length;
  if (length < least(policy)) return `The password must be at least ${least(policy)} characters long.`;
  if (length > 128) return "The password must be 128 characters long at most.";
  const missing = asked(policy).filter((k) => !has(k));
  if (missing.length > 0) return `The password must include at least one ${missing.map((k) => k.text).join(" and one ")}.`;
  if (!policy && Object.values(kinds).filter(has).length < 3) return "The password must include at least three of: uppercase letters, lowercase letters, numbers, symbols.";
  return undefined;
}

/** A password that every policy with this length takes: all kinds, and no fewer
 * than 16 characters. Fill fills an array by chance. */
export function makePassword(policy: PasswordPolicy | undefined, fill: (a: Uint32Array<ArrayBuffer>) => unknown = (a) => crypto.getRandomValues(a)): string {
  const length = Math.max(16, least(policy));
  const one = (n: number) => {
    const at = new Uint32Array(1);
    const most = 2 ** 32 - (2 ** 32 % n); // beyond it some would come more often
    do fill(at);
    while (at[0]! >= most);
    return at[0]! % n;
  };
  const all = Object.values(kinds);
  const chars = all.map((k) => k.chars[one(k.chars.length)]!);
  const any = all.map((k) => k.chars).join("");
  while (chars.length < length) chars.push(any[one(any.length)]!);
  for (let i = chars.length - 1; i > 0; i--) {
    const j = one(i + 1);
    [chars[i], chars[j]] = [chars[j]!, chars[i]!];
  }
  return chars.join("");
}
