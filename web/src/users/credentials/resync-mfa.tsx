import { ResyncMFADeviceCommand } from "@aws-sdk/client-iam";
import { useState } from "react";
import { iam } from "../../aws";
import { useWork } from "../../shared/load";
import { Codes, codesFault } from "./codes";
import { Dialog } from "./dialog";
import { mfaName, type Owner } from "./owner";

/** Sets the clock of an authenticator app right, by two of its codes. */
export function ResyncMfa({ owner, serial, onDone, onCancel }: { owner: Owner; serial: string; onDone: () => void; onCancel: () => void }) {
  const [codes, setCodes] = useState({ first: "", second: "" });
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const send = async () => {
    setAsked(true);
    const faults = codesFault(codes);
    if (faults.first || faults.second) return;
    const done = await run(() =>
      iam().send(new ResyncMFADeviceCommand({ UserName: mfaName(owner), SerialNumber: serial, AuthenticationCode1: codes.first, AuthenticationCode2: codes.second })),
    );
    if (done) onDone();
  };
  return (
    <Dialog title="Resync MFA device" button="Resync" busy={busy} error={error} onDo={() => void send()} onCancel={onCancel}>
      <div>When the device's clock is wrong, its codes are refused. Enter two codes that it shows one after the other.</div>
      <Codes codes={codes} asked={asked} onChange={setCodes} />
    </Dialog>
  );
}
