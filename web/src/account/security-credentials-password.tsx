import { ChangePasswordCommand } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useState } from "react";
import { call, iam } from "../aws";
import { useSession } from "../session";
import { ActionButton } from "../shared/action-button";
import { useLoad, useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Password } from "../signin/password";
import { Dialog } from "../users/credentials/dialog";
import { fault, passwordPolicy, rules } from "../users/password";

/** The password that the person signs in with. */
export function OwnPassword({ root }: { root: boolean }) {
  const session = useSession()!;
  const [open, setOpen] = useState(false);
  const text = root ? "Change password" : "Update console password";
  const change = root ? <Button onClick={() => setOpen(true)}>{text}</Button> : <ActionButton action="iam:ChangePassword" resource={session.principal.arn} onClick={() => setOpen(true)}>{text}</ActionButton>;
  return (
    <Container header={<Header actions={change}>{root ? "Password" : "Console sign-in"}</Header>}>
      <Box color="text-body-secondary">
        {root ? "You sign in by the account's email address and this password." : "You sign in by the account ID or alias, your user name, and this password."}
      </Box>
      {open && <Change root={root} onClose={() => setOpen(false)} />}
    </Container>
  );
}

function Change({ root, onClose }: { root: boolean; onClose: () => void }) {
  const policy = useLoad(async () => (root ? undefined : passwordPolicy()), [root]);
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const faults = {
    old: old === "" ? "Enter your current password." : undefined,
    next: fault(policy.data, next) ?? (next === old ? "Enter another password than the current one." : undefined),
    again: again !== next ? "The passwords do not match." : undefined,
  };
  const change = async () => {
    setAsked(true);
    if (policy.loading || faults.old || faults.next || faults.again) return;
    const good = await run(() => (root ? call("root-password", { oldPassword: old, newPassword: next }) : iam().send(new ChangePasswordCommand({ OldPassword: old, NewPassword: next }))));
    if (!good) return;
    notify("success", "Your password is changed.");
    onClose();
  };
  return (
    <Dialog title={root ? "Change password" : "Update console password"} button={root ? "Save changes" : "Update password"} busy={busy} error={error} onDo={() => void change()} onCancel={onClose}>
      <Password label="Current password" value={old} autoComplete="current-password" error={asked ? faults.old : undefined} onChange={setOld} />
      <Password label="New password" value={next} autoComplete="new-password" error={asked ? faults.next : undefined} onChange={setNext} />
      <Box color="text-body-secondary" fontSize="body-s">
        <ul>{rules(policy.data).map((r) => <li key={r}>{r}</li>)}</ul>
      </Box>
      <Password label="Confirm new password" value={again} autoComplete="new-password" error={asked ? faults.again : undefined} onChange={setAgain} />
    </Dialog>
  );
}
