// What sign-in asks and answers (POST /console/api/signin).
import { toKeys, type Credentials } from "../aws";
import { addSession, type Session } from "../session";

export interface Device {
  serial: string;
  kind: "totp" | "passkey";
  name: string;
}

export interface SignedIn {
  next?: undefined;
  credentials: Credentials;
  account: Session["account"];
  principal: { type: "root" | "user"; arn: string; userName?: string; email?: string };
  ends: string;
  passwordExpiresInDays?: number;
}
export interface WantsMfa {
  next: "mfa";
  devices: Device[];
  passkey?: { challenge: string; options: PublicKeyCredentialRequestOptionsJSON };
  error?: string;
}
export interface WantsPassword {
  next: "password";
  reason: "reset" | "expired";
  error?: string;
}
export type Answer = SignedIn | WantsMfa | WantsPassword;

export interface About {
  version: string;
  signUp: boolean;
  publicUrl: string;
  gatewayUrl: string;
  passkeys: boolean;
}

/** Begins the session that an answer gives. */
export function begin(a: SignedIn): Session {
  const session: Session = {
    id: a.principal.arn + " " + a.credentials.AccessKeyId,
    keys: toKeys(a.credentials),
    ends: a.ends,
    account: a.account,
    principal: { type: a.principal.type, arn: a.principal.arn, name: a.principal.userName || a.principal.email || "root" },
  };
  addSession(session);
  return session;
}
