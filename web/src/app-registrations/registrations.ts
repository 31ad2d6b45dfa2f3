// The applications of the account that call the Selling Partner API, as the server
// keeps them.
import { applicationCall, CallError } from "../aws";
import { inWords, isClientId } from "./words";

export interface Registration {
  client_id: string;
  application_id: string;
  name: string;
  iam_arn: string;
  created: string; // RFC 3339
  authorizations: Authorization[];
}

export interface Authorization {
  selling_partner_id: string;
  created: string; // RFC 3339
}

/** What a registration tells once. */
export interface Registered extends Omit<Registration, "authorizations"> {
  client_secret: string;
  refresh_token: string;
  selling_partner_id: string;
}

/** What an authorization gives: one of the two, told once. */
export interface Authorized {
  selling_partner_id: string;
  refresh_token?: string;
  spapi_oauth_code?: string;
}

/** A new secret, told once, and when the one before it ends. */
export interface Rotated {
  client_secret: string;
  old_secret_expires: string; // RFC 3339
}

export interface Wanted {
  name: string;
  iam_arn: string;
  selling_partner_id?: string;
}

/** What policies name an application by; "*" for all of the account's. */
export function arnOf(account: string, clientId: string): string {
  return `arn:aws:sellingpartnerapi::${account}:application/${clientId}`;
}

async function ask<T>(...asked: Parameters<typeof applicationCall>): Promise<T> {
  try {
    return await applicationCall<T>(...asked);
  } catch (e) {
    if (!(e instanceof CallError) || e.name !== "ValidationException") throw e;
    throw new CallError(e.name, inWords(e.message), e.$metadata.httpStatusCode, e.$metadata.requestId, e.detail);
  }
}

export async function listRegistrations(): Promise<Registration[]> {
  return (await ask<{ applications: Registration[] }>("GET", "")).applications;
}

/** The server is asked for what can be a client ID alone: other texts make other
 * paths. */
export async function getRegistration(clientId: string): Promise<Registration> {
  if (!isClientId(clientId)) throw new CallError("ResourceNotFoundException", "The account has no application with this client id.", 404);
  return ask<Registration>("GET", "/" + clientId);
}

export const register = (wanted: Wanted): Promise<Registered> => ask("POST", "", wanted);

export const deleteRegistration = (clientId: string): Promise<void> => ask("DELETE", "/" + clientId);

export const rotateSecret = (clientId: string): Promise<Rotated> => ask("POST", `/${clientId}/secret`, {});

export const authorize = (clientId: string, wanted: { selling_partner_id?: string; code?: true }): Promise<Authorized> => ask("POST", `/${clientId}/authorizations`, wanted);

export const revoke = (clientId: string, sellingPartner: string): Promise<void> => ask("DELETE", `/${clientId}/authorizations/${encodeURIComponent(sellingPartner)}`);
