// What the person keeps of a registration, and what is called with it.
import { csv } from "../shared/download";
import type { Registered } from "./registrations";

/** The credentials of an application as a file. */
export function credentialsFile(made: Registered): { name: string; text: string } {
  const name = made.name.replaceAll(/[^\p{L}\p{N}_.-]+/gu, "_").replace(/^[._]+/, "") || "application";
  return {
    name: `${name}_credentials.csv`,
    text: csv(
      ["Client ID", "Client secret", "Refresh token", "Selling partner ID", "Application ID", "IAM ARN"],
      [made.client_id, made.client_secret, made.refresh_token, made.selling_partner_id, made.application_id, made.iam_arn],
    ),
  };
}

/** A command that gets an access token of a selling partner, by the refresh token or by
 * the code that an authorization gave. Secrets stand in it as variables of the shell. */
export function tokenCommand(origin: string, clientId: string, grant: "refresh_token" | "authorization_code"): string {
  const given = grant === "refresh_token" ? "refresh_token=$REFRESH_TOKEN" : "code=$SPAPI_OAUTH_CODE";
  return [
    `curl ${origin}/auth/o2/token`,
    `-d grant_type=${grant}`,
    `-d client_id=${clientId}`,
    `--data-urlencode "client_secret=$CLIENT_SECRET"`,
    `--data-urlencode "${given}"`,
  ].join(" \\\n  ");
}

/** A command that does what the page does. */
export function appCommand(origin: string, verb: "show" | "authorize", clientId: string): string {
  return `iamd app ${verb} ${clientId} \\\n  --endpoint ${origin}`;
}
