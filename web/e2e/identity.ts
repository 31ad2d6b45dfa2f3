// Keys, certificates and metadata that identity providers and servers have, made
// anew for each run.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Identity {
  key: string; // PEM
  certificate: string; // PEM
}

/** An RSA key and a certificate that it signed itself. */
export function identity(host: string): Identity {
  const folder = mkdtempSync(join(tmpdir(), "iamd-identity-"));
  const at = (name: string) => join(folder, name);
  try {
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", at("key"), "-out", at("certificate"), "-days", "30", "-subj", `/CN=${host}`], { stdio: "ignore" });
    execFileSync("openssl", ["rsa", "-traditional", "-in", at("key"), "-out", at("rsa")], { stdio: "ignore" });
    return { key: readFileSync(at("rsa"), "utf8"), certificate: readFileSync(at("certificate"), "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The metadata document of a SAML identity provider. AWS wants 1,000 characters. */
export function samlMetadata({ certificate }: Identity, host: string): string {
  const der = certificate.replaceAll(/-----[^-]+-----|\s/g, "");
  return `<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://${host}/metadata">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${der}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://${host}/sso"/>
  </IDPSSODescriptor>
</EntityDescriptor>`;
}
