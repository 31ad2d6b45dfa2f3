import type { VirtualMFADevice } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Copy } from "../../shared/copy";

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const b of bytes) text += String.fromCharCode(b);
  return btoa(text);
}

/** What an authenticator app reads: the picture, or the text for apps without a camera. */
export function Seed({ device }: { device: VirtualMFADevice }) {
  const [shown, setShown] = useState(false);
  const secret = new TextDecoder().decode(device.Base32StringSeed!);
  return (
    <SpaceBetween size="s">
      <div>1. Install an authenticator app, such as Google Authenticator, Duo Mobile or Authy, on your mobile device or computer.</div>
      <div>2. Open the app, choose to scan a QR code, and scan this one. Or enter the secret key.</div>
      <img alt="QR code of the device's secret key" width={200} height={200} src={`data:image/png;base64,${base64(device.QRCodePNG!)}`} />
      {shown ? (
        <div>Secret key: <Copy text={secret} label="Secret key" /></div>
      ) : (
        <Button formAction="none" variant="inline-link" onClick={() => setShown(true)}>Show secret key</Button>
      )}
    </SpaceBetween>
  );
}
