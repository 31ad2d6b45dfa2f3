import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { WantsPassword } from "./answers";
import { Fault } from "./fault";
import { Password } from "./password";

interface Props {
  wants: WantsPassword;
  error?: string;
  busy: boolean;
  onSend: (newPassword: string) => void;
  onCancel: () => void;
}

/** The password must be another before anything else can be done. */
export function PasswordStep({ wants, error, busy, onSend, onCancel }: Props) {
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [asked, setAsked] = useState(false);
  const fault = password === "" ? "Enter a new password." : undefined;
  const differs = again !== password ? "The passwords do not match." : undefined;
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        setAsked(true);
        if (!fault && !differs && !busy) onSend(password);
      }}
    >
      <Container header={<Header variant="h2">Change your password</Header>}>
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={onCancel}>Cancel</Button>
              <Button variant="primary" formAction="submit" loading={busy}>Confirm password change</Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="m">
            <Alert type="info">
              {wants.reason === "expired" ? "Your password has expired." : "You must change your password to continue."}
            </Alert>
            <Fault text={error} />
            <Password label="New password" value={password} autoComplete="new-password" autoFocus error={asked ? fault : undefined} onChange={setPassword} />
            <Password label="Retype new password" value={again} autoComplete="new-password" error={asked ? differs : undefined} onChange={setAgain} />
          </SpaceBetween>
        </Form>
      </Container>
    </form>
  );
}
