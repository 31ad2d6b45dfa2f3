// Whose credentials are shown: a user's, or the root user's, which has no name.

export interface Owner {
  /** Undefined for the root user. */
  userName?: string;
  arn: string;
  /** The account's number. */
  account: string;
  /** The signed-in person's own: of the page "My security credentials". */
  self?: boolean;
}

/** What an API takes as the user's name where the root user has none. */
export function nameOf(owner: Owner): { UserName?: string } {
  return owner.userName === undefined ? {} : { UserName: owner.userName };
}

/** For the APIs of MFA devices, which must have a name: the root user's is its
 * account's number. */
export function mfaName(owner: Owner): string {
  return owner.userName ?? owner.account;
}

/** What files of the owner's credentials are called after. */
export function fileName(owner: Owner): string {
  return owner.userName ?? "root";
}

/** Tells an authenticator app's device from a passkey, by the serial number. */
export function isVirtual(serial: string): boolean {
  return /^arn:[^:]*:iam::\d*:mfa\//.test(serial);
}

/** The path of the page where the owner's access keys are made. */
export function keysPath(owner: Owner): string {
  return owner.self ? "/security-credentials" : `/users/${encodeURIComponent(owner.userName!)}`;
}
