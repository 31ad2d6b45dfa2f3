import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { usePasskey } from "../shared/passkey";
import type { WantsMfa } from "./answers";
import { Fault } from "./fault";

interface Props {
  wants: WantsMfa;
  error?: string;
  busy: boolean;
  onSend: (proof: { code: string; serial: string } | { passkey: unknown }) => void;
  onCancel: () => void;
}

/** The second factor: a code of a device, or a passkey. */
export function MfaStep({ wants, error, busy, onSend, onCancel }: Props) {
  const devices = wants.devices.filter((d) => d.kind === "totp");
  const [serial, setSerial] = useState(devices[0]?.serial ?? "");
  const [code, setCode] = useState("");
  const [fault, setFault] = useState<string>();
  const passkey = wants.passkey;
  const prove = async () => {
    setFault(undefined);
    try {
      onSend({ passkey: { challenge: passkey!.challenge, credential: await usePasskey(passkey!.options) } });
    } catch (e) {
      setFault(e instanceof Error ? e.message : String(e));
    }
  };
  const good = /^\d{6}$/.test(code);
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        if (busy || devices.length === 0) return;
        setFault(good ? undefined : "Enter the six digits that your device shows.");
        if (good) onSend({ code, serial });
      }}
    >
      <Container header={<Header variant="h2" description="Your account is secured using multi-factor authentication (MFA).">Additional verification required</Header>}>
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={onCancel}>Cancel</Button>
              {devices.length > 0 && <Button variant="primary" formAction="submit" loading={busy}>Submit</Button>}
            </SpaceBetween>
          }
        >
          <SpaceBetween size="m">
            <Fault text={fault ?? error} />
            {passkey && (
              <Button iconName="security" formAction="none" loading={busy} onClick={prove} variant={devices.length > 0 ? "normal" : "primary"}>
                Use a passkey or security key
              </Button>
            )}
            {!passkey && devices.length === 0 && (
              <Alert type="warning">Your passkey is of another address. Open the console at the address where you registered it.</Alert>
            )}
            {passkey && devices.length > 0 && <Box>Or enter a code of your authenticator app:</Box>}
            {devices.length > 1 && (
              <FormField label="MFA device">
                <Select
                  selectedOption={option(devices.find((d) => d.serial === serial))}
                  options={devices.map((d) => option(d)!)}
                  onChange={(e) => setSerial(e.detail.selectedOption.value!)}
                />
              </FormField>
            )}
            {devices.length > 0 && (
              <FormField label="MFA code" description={devices.length === 1 ? `From ${devices[0]!.name}` : undefined}>
                <Input value={code} inputMode="numeric" autoComplete="one-time-code" onChange={(e) => setCode(e.detail.value.trim())} autoFocus />
              </FormField>
            )}
          </SpaceBetween>
        </Form>
      </Container>
    </form>
  );
}

function option(d?: { serial: string; name: string }) {
  return d ? { value: d.serial, label: d.name } : null;
}
