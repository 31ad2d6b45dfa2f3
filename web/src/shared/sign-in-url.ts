import type { Session } from "../session";

/** Where IAM users of an account sign in; its number, or alias, is filled in there. */
export function signInURL(account: Session["account"]): string {
  return `${location.origin}/console/?account=${encodeURIComponent(account.alias || account.id)}`;
}
