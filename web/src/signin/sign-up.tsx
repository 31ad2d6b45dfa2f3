import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { ask } from "../aws";
import { describe } from "../shared/errors";
import { go } from "../shared/link";
import { useWork } from "../shared/load";
import { begin, type SignedIn } from "./answers";
import { Fault } from "./fault";
import { Password } from "./password";

/** Makes an account, and signs its root user in. */
export default function SignUp() {
  const [email, setEmail] = useState("");
  const [accountName, setAccountName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const faults = {
    email: /^\S+@\S+$/.test(email.trim()) ? undefined : "Enter an email address.",
    name: accountName.trim() === "" ? "Enter a name for the account." : accountName.length > 50 ? "A name has 50 characters at most." : undefined,
    password: password.length < 8 ? "A root user's password has 8 characters at least." : undefined,
    again: again !== password ? "The passwords do not match." : undefined,
  };
  const submit = async () => {
    setAsked(true);
    if (busy || Object.values(faults).some((f) => f !== undefined)) return;
    await run(async () => {
      const answer = await ask<SignedIn>("signup", { email: email.trim(), password, accountName: accountName.trim() });
      go("/");
      begin(answer);
    });
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <Container header={<Header variant="h2" description="The root user has full access to the account. Use it to make an administrator, then put it away.">Sign up</Header>}>
        <Form actions={<Button variant="primary" formAction="submit" loading={busy} fullWidth>Create account</Button>}>
          <SpaceBetween size="m">
            <Fault text={error === undefined ? undefined : describe(error).message} />
            <FormField label="Root user email address" errorText={asked && faults.email}>
              <Input type="email" value={email} autoComplete="username" onChange={(e) => setEmail(e.detail.value)} />
            </FormField>
            <FormField label="Account name" description="You can change this name later." errorText={asked && faults.name}>
              <Input value={accountName} autoComplete="organization" onChange={(e) => setAccountName(e.detail.value)} />
            </FormField>
            <Password label="Root user password" value={password} autoComplete="new-password" error={asked ? faults.password : undefined} onChange={setPassword} />
            <Password label="Confirm root user password" value={again} autoComplete="new-password" error={asked ? faults.again : undefined} onChange={setAgain} />
          </SpaceBetween>
        </Form>
      </Container>
    </form>
  );
}
