import { CreateVirtualMFADeviceCommand, DeleteVirtualMFADeviceCommand, EnableMFADeviceCommand, type VirtualMFADevice } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import { useState } from "react";
import { ask, call, iam } from "../../aws";
import { useLoad, useWork } from "../../shared/load";
import { notifyError } from "../../shared/notify";
import { makePasskey } from "../../shared/passkey";
import type { About } from "../../signin/answers";
import { Codes, codesFault } from "./codes";
import { Dialog } from "./dialog";
import { mfaName, type Owner } from "./owner";
import { Seed } from "./seed";

interface Props {
  owner: Owner;
  onDone: () => void;
  onCancel: () => void;
}

type Kind = "virtual" | "passkey";

/** Assigns a second factor: its name and kind, then what each kind needs. */
export function AssignMfa({ owner, onDone, onCancel }: Props) {
  const about = useLoad(() => ask<About>("about"), []);
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("virtual");
  const [asked, setAsked] = useState(false);
  const [device, setDevice] = useState<VirtualMFADevice>();
  const { busy, error, run } = useWork();
  const fault = name === "" ? "Enter a device name." : /^[\w+=,.@-]{1,64}$/.test(name) ? undefined : "Use up to 64 letters, digits, and + = , . @ - _ only.";
  const passkeys = about.data?.passkeys === true;

  const next = async () => {
    setAsked(true);
    if (fault) return;
    if (kind === "virtual") {
      await run(async () => setDevice((await iam().send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: name }))).VirtualMFADevice));
      return;
    }
    const whose = owner.userName === undefined ? {} : { userName: owner.userName };
    const made = await run(async () => {
      const { challenge, options } = await call<Creation>("passkeys/begin", { ...whose, name });
      await call("passkeys/finish", { ...whose, name, challenge, credential: await makePasskey(options) });
    });
    if (made) onDone();
  };
  // A device that nobody has is of no use: it goes when one gives up.
  const giveUp = (serial: string) => {
    onCancel();
    iam().send(new DeleteVirtualMFADeviceCommand({ SerialNumber: serial })).catch((e: unknown) => notifyError(e, "The unassigned MFA device could not be deleted"));
  };
  if (device) return <SetUp owner={owner} device={device} onDone={onDone} onCancel={() => giveUp(device.SerialNumber!)} />;
  return (
    <Dialog title="Select MFA device" button="Next" busy={busy} error={error} onDo={() => void next()} onCancel={onCancel}>
      <FormField label="Device name" description="A name that tells this device from others." constraintText="Maximum 64 characters. Use alphanumeric and '+ = , . @ - _' characters." errorText={asked && fault}>
        <Input value={name} spellcheck={false} autoComplete={false} onChange={(e) => setName(e.detail.value.trim())} />
      </FormField>
      <FormField label="MFA device">
        <RadioGroup
          value={kind}
          onChange={(e) => setKind(e.detail.value as Kind)}
          items={[
            {
              value: "passkey",
              label: "Passkey or security key",
              description: passkeys
                ? "Authenticate by a key on this device or another: fingerprint, face, PIN, or a FIDO2 security key."
                : "Passkeys need https at a host name, or localhost: this address is neither.",
              disabled: !passkeys,
            },
            { value: "virtual", label: "Authenticator app", description: "Authenticate by a code that an app on your mobile device or computer shows." },
          ]}
        />
      </FormField>
    </Dialog>
  );
}

interface Creation {
  challenge: string;
  options: PublicKeyCredentialCreationOptionsJSON;
}

function SetUp({ owner, device, onDone, onCancel }: Props & { device: VirtualMFADevice }) {
  const [codes, setCodes] = useState({ first: "", second: "" });
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const add = async () => {
    setAsked(true);
    const faults = codesFault(codes);
    if (faults.first || faults.second) return;
    const done = await run(() =>
      iam().send(new EnableMFADeviceCommand({ UserName: mfaName(owner), SerialNumber: device.SerialNumber, AuthenticationCode1: codes.first, AuthenticationCode2: codes.second })),
    );
    if (done) onDone();
  };
  return (
    <Dialog large title="Set up device" button="Add MFA" busy={busy} error={error} onDo={() => void add()} onCancel={onCancel}>
      <Seed device={device} />
      <div>3. Fill in two consecutive codes from your MFA device. The second appears after some 30 seconds.</div>
      <Codes codes={codes} asked={asked} onChange={setCodes} />
    </Dialog>
  );
}
