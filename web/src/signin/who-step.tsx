import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Fault } from "./fault";
import { Password } from "./password";

export type Who =
  | { type: "root"; email: string; password: string }
  | { type: "user"; account: string; user: string; password: string };

const place = "iamd.account"; // the account that was signed in to last, as AWS's console remembers it

function lastAccount(): string {
  try {
    return localStorage.getItem(place) ?? "";
  } catch {
    return "";
  }
}

/** Keeps the account for the next time. */
export function rememberAccount(account: string): void {
  try {
    localStorage.setItem(place, account);
  } catch {
    // It is typed again.
  }
}

/** A link may name the account: /console/?account=example */
function linked(): string {
  const query = new URLSearchParams(location.search);
  return query.has("roleName") ? "" : (query.get("account") ?? ""); // else of a role to switch to
}

export function WhoStep({ error, busy, onSend }: { error?: string; busy: boolean; onSend: (who: Who) => void }) {
  const [given] = useState(() => linked() || lastAccount());
  const [type, setType] = useState<Who["type"]>(given ? "user" : "root");
  const [email, setEmail] = useState("");
  const [account, setAccount] = useState(given);
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [asked, setAsked] = useState(false);

  const complete = password !== "" && (type === "root" ? email.trim() !== "" : account.trim() !== "" && user.trim() !== "");
  const submit = () => {
    setAsked(true);
    if (!complete || busy) return;
    if (type === "root") return onSend({ type, email: email.trim(), password });
    const name = account.trim();
    onSend({ type, account: /^[\d-]+$/.test(name) ? name.replaceAll("-", "") : name, user: user.trim(), password });
  };
  const missing = (value: string, what: string) => (asked && value.trim() === "" ? `Enter ${what}.` : undefined);

  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        submit();
      }}
    >
      <Container header={<Header variant="h2">Sign in</Header>}>
        <Form actions={<Button variant="primary" formAction="submit" loading={busy} fullWidth>Sign in</Button>}>
          <SpaceBetween size="m">
            <Fault text={error} />
            <RadioGroup
              ariaLabel="Who signs in"
              value={type}
              onChange={(e) => setType(e.detail.value as Who["type"])}
              items={[
                { value: "user", label: "IAM user", description: "User within an account that performs daily tasks." },
                { value: "root", label: "Root user", description: "Account owner that performs tasks requiring unrestricted access." },
              ]}
            />
            {type === "root" ? (
              <FormField label="Root user email address" errorText={missing(email, "the email address")}>
                <Input type="email" value={email} autoComplete="username" onChange={(e) => setEmail(e.detail.value)} />
              </FormField>
            ) : (
              <>
                <FormField label="Account ID or alias" errorText={missing(account, "the account ID (12 digits) or alias")}>
                  <Input value={account} autoComplete="organization" spellcheck={false} onChange={(e) => setAccount(e.detail.value)} />
                </FormField>
                <FormField label="IAM user name" errorText={missing(user, "the user name")}>
                  <Input value={user} autoComplete="username" spellcheck={false} onChange={(e) => setUser(e.detail.value)} />
                </FormField>
              </>
            )}
            <Password label="Password" value={password} autoComplete="current-password" error={missing(password, "the password")} onChange={setPassword} />
          </SpaceBetween>
        </Form>
      </Container>
    </form>
  );
}
