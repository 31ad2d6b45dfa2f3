import type { LoginProfile } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import RadioGroup from "@cloudscape-design/components/radio-group";
import { useState } from "react";
import { ActionButton } from "../../shared/action-button";
import { Copy } from "../../shared/copy";
import { ErrorAlert } from "../../shared/errors";
import { useLoad, useWork, type Loaded } from "../../shared/load";
import { notify } from "../../shared/notify";
import { ago, showTime } from "../../shared/time";
import { passwordPolicy } from "../password";
import { Dialog } from "./dialog";
import { disableConsole, setPassword } from "./login";
import { firstPassword, NewPasswordFields, passwordFault, passwordOf } from "./new-password";
import type { Owner } from "./owner";
import { currentSession } from "../../session";
import { signInURL } from "../../shared/sign-in-url";
import { DownloadPassword, PasswordMade } from "./password-made";

interface Props {
  owner: Owner & { userName: string };
  login: Loaded<LoginProfile | null>;
  lastSignIn: Date | undefined;
  onChange: () => void;
}

/** Whether a user may sign in to the console, and by which password. */
export function ConsoleSignIn({ owner, login, lastSignIn, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<string>();
  const enabled = login.data !== null && login.data !== undefined;
  const changed = (password?: string) => {
    setOpen(false);
    setMade(password);
    onChange();
  };
  return (
    <Container
      header={
        <Header
          actions={
            <ActionButton action={enabled ? "iam:UpdateLoginProfile" : "iam:CreateLoginProfile"} resource={owner.arn} disabled={login.data === undefined} onClick={() => setOpen(true)}>
              {enabled ? "Manage console access" : "Enable console access"}
            </ActionButton>
          }
        >
          Console sign-in
        </Header>
      }
    >
      <ErrorAlert error={login.error} onRetry={login.reload} />
      <KeyValuePairs
        columns={3}
        items={[
          { label: "Console sign-in link", value: <Copy text={signInURL(currentSession()!.account)} label="Console sign-in link" /> },
          {
            label: "Console password",
            value: login.data ? `Set ${ago(login.data.CreateDate)} (${showTime(login.data.CreateDate)})${login.data.PasswordResetRequired ? ", must be changed at next sign-in" : ""}` : login.data === null ? "Not enabled" : "-",
          },
          { label: "Last console sign-in", value: lastSignIn ? <span title={showTime(lastSignIn)}>{ago(lastSignIn)}</span> : "Never" },
        ]}
      />
      {open && <Manage owner={owner} enabled={enabled} onCancel={() => setOpen(false)} onDone={changed} />}
      {made !== undefined && (
        <Dialog title="Console password" button="Close" telling onDo={() => setMade(undefined)} onCancel={() => setMade(undefined)}>
          <Alert type="success">
            The password is set. This is the only time you can view it: give it to the user together with the sign-in URL, or download both.
          </Alert>
          <PasswordMade userName={owner.userName} password={made} account={owner.account} />
          <DownloadPassword userName={owner.userName} password={made} />
        </Dialog>
      )}
    </Container>
  );
}

interface ManageProps {
  owner: Owner & { userName: string };
  enabled: boolean;
  onDone: (password?: string) => void;
  onCancel: () => void;
}

function Manage({ owner, enabled, onDone, onCancel }: ManageProps) {
  const policy = useLoad(passwordPolicy, []);
  const [what, setWhat] = useState<"reset" | "disable">("reset");
  const [value, setValue] = useState(firstPassword);
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const act = async () => {
    setAsked(true);
    if (what === "disable") {
      if (!(await run(() => disableConsole(owner.userName)))) return;
      notify("success", "Console access disabled.");
      return onDone();
    }
    if (passwordFault(value, policy.data)) return;
    const password = passwordOf(value, policy.data);
    const set = { password, reset: value.reset, again: enabled, policy: policy.data };
    if (await run(() => setPassword(owner.userName, set))) onDone(password);
  };
  const button = !enabled ? "Enable console access" : what === "disable" ? "Disable access" : "Reset password";
  return (
    <Dialog title={enabled ? "Manage console access" : "Enable console access"} button={button} busy={busy || policy.loading} error={error} onDo={() => void act()} onCancel={onCancel}>
      {enabled && (
        <RadioGroup
          ariaLabel="Console access"
          value={what}
          onChange={(e) => setWhat(e.detail.value as typeof what)}
          items={[
            { value: "reset", label: "Reset password", description: "The password that the user has now is of no use any more." },
            { value: "disable", label: "Disable console access", description: "The user has no password any more. Access keys and MFA devices stay." },
          ]}
        />
      )}
      {what === "reset" && <NewPasswordFields value={value} policy={policy.data} asked={asked} onChange={setValue} />}
    </Dialog>
  );
}
