import { UpdateUserCommand, type User } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { iam } from "../aws";
import { useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Dialog } from "./credentials/dialog";
import { nameFault, nameRule } from "./name";

/** Gives a user another name or path. */
export function RenameUser({ user, onDone, onCancel }: { user: User; onDone: (name: string) => void; onCancel: () => void }) {
  const [name, setName] = useState(user.UserName!);
  const [path, setPath] = useState(user.Path ?? "/");
  const { busy, error, run } = useWork();
  const fault = nameFault(name, "user");
  const pathFault = /^\/([\x21-\x7e]*\/)?$/.test(path) ? undefined : "A path begins and ends with a slash.";
  const save = async () => {
    if (fault || pathFault) return;
    const NewUserName = name === user.UserName ? undefined : name;
    const NewPath = path === user.Path ? undefined : path;
    if (!NewUserName && !NewPath) return onCancel();
    if (!(await run(() => iam().send(new UpdateUserCommand({ UserName: user.UserName, NewUserName, NewPath }))))) return;
    notify("success", NewUserName ? `User ${user.UserName} renamed to ${name}.` : `Path of ${name} changed.`);
    onDone(name);
  };
  return (
    <Dialog title={`Rename ${user.UserName}?`} button="Save changes" busy={busy} error={error} onDo={() => void save()} onCancel={onCancel}>
      <FormField label="User name" constraintText={nameRule("user")} errorText={fault}>
        <Input value={name} spellcheck={false} autoComplete={false} onChange={(e) => setName(e.detail.value)} />
      </FormField>
      <FormField label="Path" errorText={pathFault}>
        <Input value={path} spellcheck={false} autoComplete={false} onChange={(e) => setPath(e.detail.value)} />
      </FormField>
      <Alert type="warning">
        The user's ARN changes with its name and path. Policies that name the user by its ARN in a resource, and programs that use the name, must be changed too.
      </Alert>
    </Dialog>
  );
}
