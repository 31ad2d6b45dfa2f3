import { DeleteOpenIDConnectProviderCommand, DeleteSAMLProviderCommand } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { isMissing } from "../shared/errors";
import type { Provider } from "./providers";

/** Deletes a provider; that it is gone already is as good. */
export async function removeProvider({ arn, kind }: Pick<Provider, "arn" | "kind">): Promise<void> {
  try {
    if (kind === "oidc") await iam().send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
    else await iam().send(new DeleteSAMLProviderCommand({ SAMLProviderArn: arn }));
  } catch (e) {
    if (!isMissing(e)) throw e;
  }
}

/** The action that deletes a provider of a kind. */
export const deleteAction = { oidc: "iam:DeleteOpenIDConnectProvider", saml: "iam:DeleteSAMLProvider" };
