import { CreateGroupCommand } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRef, useState } from "react";
import { iam } from "../aws";
import { attachAll } from "../permissions/attach";
import { PolicyPicker } from "../permissions/policy-picker";
import { ErrorAlert } from "../shared/errors";
import { useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { nameFault, nameRule } from "../users/name";

/** Makes a group with policies, without leaving the page. */
export function CreateGroupDialog({ onDone, onCancel }: { onDone: (name: string) => void; onCancel: () => void }) {
  const [name, setName] = useState("");
  const [policies, setPolicies] = useState<string[]>([]);
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const made = useRef<string>(undefined);
  const fault = nameFault(name, "group");
  const create = async () => {
    setAsked(true);
    if (fault || busy) return;
    const good = await run(async () => {
      if (made.current !== name) await iam().send(new CreateGroupCommand({ GroupName: name }));
      made.current = name;
      await attachAll({ kind: "group", name }, policies);
    });
    if (!good) return;
    notify("success", `${name} user group created.`);
    onDone(name);
  };
  return (
    <Modal
      visible
      size="max"
      header="Create user group"
      closeAriaLabel="Close"
      onDismiss={() => (made.current ? onDone(made.current) : onCancel())}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={() => (made.current ? onDone(made.current) : onCancel())}>Cancel</Button>
            <Button variant="primary" formAction="none" loading={busy} onClick={() => void create()}>Create user group</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <div>Create a user group and select policies to attach to the group. We recommend using groups to manage user permissions by job function.</div>
        <FormField label="User group name" description="Enter a meaningful name to identify this group." constraintText={nameRule("group")} errorText={asked && fault}>
          <Input value={name} spellcheck={false} onChange={(e) => setName(e.detail.value)} onKeyDown={(e) => e.detail.key === "Enter" && void create()} />
        </FormField>
        <ErrorAlert error={error} header={made.current === name ? `The group ${name} is made, but not all policies are attached` : undefined} />
        <PolicyPicker selected={policies} onChange={setPolicies} headerVariant="h3" />
      </SpaceBetween>
    </Modal>
  );
}
