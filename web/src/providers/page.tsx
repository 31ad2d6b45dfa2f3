import { useParam } from "../shared/param";
import { MissingProvider } from "./missing";
import { OpenIDPage } from "./openid-page";
import { kindOf } from "./providers";
import { SamlPage } from "./saml-page";

/** A provider, by its ARN. */
export default function ProviderPage() {
  const arn = useParam("provider");
  const kind = kindOf(arn);
  if (kind === "oidc") return <OpenIDPage key={arn} arn={arn} />;
  return kind === "saml" ? <SamlPage key={arn} arn={arn} /> : <MissingProvider arn={arn} />;
}
