import type { ContextKeyTypeEnum } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { contextTypes, hintOf, isList, type Value } from "./context";

interface Props {
  values: Value[];
  /** Changes a value, or adds one of a new key. */
  onChange: (value: Value) => void;
  /** Keys that were added by hand, and can be taken away. */
  added: string[];
  onAdd: (key: string) => void;
  onRemove: (key: string) => void;
}

/** Values for the condition keys that the policies ask for, by their types. */
export function ContextFields({ values, onChange, added, onAdd, onRemove }: Props) {
  const [key, setKey] = useState("");
  const [fault, setFault] = useState<string>();
  const add = () => {
    const name = key.trim();
    if (!/^[^\s:]+:\S+$/.test(name)) return setFault("Enter a condition key, such as aws:SourceIp.");
    if (values.some((v) => v.key.toLowerCase() === name.toLowerCase())) return setFault("This key is there already.");
    setFault(undefined);
    setKey("");
    onAdd(name);
  };
  return (
    <SpaceBetween size="m">
      {values.length === 0 && <Box color="text-body-secondary">The policies ask for no condition keys.</Box>}
      {values.map((v) => (
        <Grid key={v.key} gridDefinition={[{ colspan: { default: 12, s: 8 } }, { colspan: { default: 12, s: 4 } }]}>
          <FormField label={<span className="break-anywhere">{v.key}</span>} stretch constraintText={hintOf(v.type)}>
            <Field value={v} onChange={(text) => onChange({ ...v, text })} />
          </FormField>
          <FormField label="Type" stretch secondaryControl={added.includes(v.key) && <Button iconName="close" variant="icon" ariaLabel={`Remove ${v.key}`} onClick={() => onRemove(v.key)} />}>
            <Select
              ariaLabel={`Type of ${v.key}`}
              selectedOption={{ value: v.type, label: v.type }}
              options={contextTypes.map((value) => ({ value, label: value }))}
              onChange={(e) => onChange({ ...v, type: e.detail.selectedOption.value as ContextKeyTypeEnum })}
            />
          </FormField>
        </Grid>
      ))}
      <FormField label="Add a condition key" errorText={fault} secondaryControl={<Button onClick={add}>Add</Button>}>
        <Input value={key} placeholder="aws:SourceIp" spellcheck={false} onChange={(e) => setKey(e.detail.value)} onKeyDown={(e) => e.detail.key === "Enter" && add()} />
      </FormField>
    </SpaceBetween>
  );
}

const none = { value: "", label: "Not in the request" };
const yesNo = [none, { value: "true", label: "true" }, { value: "false", label: "false" }];

function Field({ value: v, onChange }: { value: Value; onChange: (text: string) => void }) {
  if (v.type === "boolean") {
    return <Select ariaLabel={v.key} selectedOption={yesNo.find((o) => o.value === v.text) ?? none} options={yesNo} onChange={(e) => onChange(e.detail.selectedOption.value!)} />;
  }
  if (isList(v.type)) return <Textarea ariaLabel={v.key} rows={2} spellcheck={false} value={v.text} placeholder={none.label} onChange={(e) => onChange(e.detail.value)} />;
  return <Input ariaLabel={v.key} spellcheck={false} value={v.text} placeholder={none.label} onChange={(e) => onChange(e.detail.value)} />;
}
