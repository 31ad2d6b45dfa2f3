// Passkeys by the browser's own WebAuthn; what goes to and from the server is the
// JSON form that the standard names.

/** Has the person prove a passkey. */
export async function usePasskey(options: PublicKeyCredentialRequestOptionsJSON): Promise<unknown> {
  needsWebAuthn();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey }).catch(refused);
  return (credential as PublicKeyCredential).toJSON();
}

/** Has the person make a passkey. */
export async function makePasskey(options: PublicKeyCredentialCreationOptionsJSON): Promise<unknown> {
  needsWebAuthn();
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await navigator.credentials.create({ publicKey }).catch(refused);
  return (credential as PublicKeyCredential).toJSON();
}

function needsWebAuthn(): void {
  if (typeof PublicKeyCredential === "undefined") {
    throw new Error("This browser has no passkeys here: they need https, or the address localhost.");
  }
}

function refused(e: unknown): never {
  const name = e instanceof Error ? e.name : "";
  if (name === "NotAllowedError") throw new Error("The passkey was not used: the request was cancelled, or took too long.");
  if (name === "InvalidStateError") throw new Error("This passkey is registered already.");
  throw e;
}
