import { UpdateRoleCommand, type Role } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { iam } from "../aws";
import { ErrorAlert } from "../shared/errors";
import { useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { durationFault, showDuration, usualDurations } from "./duration";
import { descriptionFault } from "./name";

const own = { value: "own", label: "Custom duration" };
const options = [...usualDurations.map((s) => ({ value: String(s), label: showDuration(s) })), own];

interface Props {
  role: Role;
  linked: boolean;
  onEnd: (changed: boolean) => void;
}

/** Description and longest session. */
export function EditRole({ role, linked, onEnd }: Props) {
  const [description, setDescription] = useState(role.Description ?? "");
  const [seconds, setSeconds] = useState(String(role.MaxSessionDuration ?? 3600));
  const [custom, setCustom] = useState(!usualDurations.includes(role.MaxSessionDuration ?? 3600));
  const { busy, error, run } = useWork();
  const fault = linked ? undefined : durationFault(seconds);
  const ready = fault === undefined && descriptionFault(description) === undefined;
  const save = async () => {
    if (!ready || busy) return;
    const good = await run(() =>
      iam().send(new UpdateRoleCommand({ RoleName: role.RoleName, Description: description, MaxSessionDuration: linked ? undefined : Number(seconds) })),
    );
    if (!good) return;
    notify("success", `Role ${role.RoleName} updated.`);
    onEnd(true);
  };
  return (
    <Modal
      visible
      header="Edit role details"
      closeAriaLabel="Close"
      onDismiss={() => onEnd(false)}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => onEnd(false)}>Cancel</Button>
            <Button variant="primary" loading={busy} disabled={!ready} onClick={save}>Save changes</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField label="Description" constraintText="Maximum 1,000 characters." errorText={descriptionFault(description)}>
          <Textarea value={description} rows={3} onChange={(e) => setDescription(e.detail.value)} />
        </FormField>
        {!linked && (
          <FormField label="Maximum session duration" description="The longest that whoever assumes the role can ask for: between 1 and 12 hours.">
            <Select
              options={options}
              selectedOption={custom ? own : (options.find((o) => o.value === seconds) ?? own)}
              onChange={(e) => {
                const { value } = e.detail.selectedOption;
                setCustom(value === own.value);
                if (value !== own.value) setSeconds(value!);
              }}
            />
          </FormField>
        )}
        {!linked && custom && (
          <FormField label="Duration in seconds" errorText={fault}>
            <Input value={seconds} inputMode="numeric" onChange={(e) => setSeconds(e.detail.value)} />
          </FormField>
        )}
        <ErrorAlert error={error} />
      </SpaceBetween>
    </Modal>
  );
}
