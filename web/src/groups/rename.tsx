import { UpdateGroupCommand, type Group } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { iam } from "../aws";
import { useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Dialog } from "../users/credentials/dialog";
import { nameFault, nameRule } from "../users/name";

/** Gives a group another name. */
export function RenameGroup({ group, onDone, onCancel }: { group: Group; onDone: (name: string) => void; onCancel: () => void }) {
  const old = group.GroupName!;
  const [name, setName] = useState(old);
  const { busy, error, run } = useWork();
  const fault = nameFault(name, "group");
  const save = async () => {
    if (fault) return;
    if (name === old) return onCancel();
    if (!(await run(() => iam().send(new UpdateGroupCommand({ GroupName: old, NewGroupName: name }))))) return;
    notify("success", `User group ${old} renamed to ${name}.`);
    onDone(name);
  };
  return (
    <Dialog title={`Edit ${old}`} button="Save changes" busy={busy} error={error} onDo={() => void save()} onCancel={onCancel}>
      <FormField label="User group name" constraintText={nameRule("group")} errorText={fault}>
        <Input value={name} spellcheck={false} autoComplete={false} onChange={(e) => setName(e.detail.value)} />
      </FormField>
      <Alert type="warning">The group's ARN changes with its name. Policies that name it by its ARN must be changed too.</Alert>
    </Dialog>
  );
}
