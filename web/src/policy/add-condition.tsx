import { useState } from "react";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { conditionKeysFor, faultOfValue, joinOperator, operatorsFor, qualifiers, splitOperator, variablePart } from "./conditions";
import { useGlobalConditions, type ConditionKey, type Service } from "./reference";
import { conditionRow, type ConditionRow } from "./statement";

interface Props {
  services: Service[];
  patterns: string[];
  /** What is changed; without it one is added. */
  row?: ConditionRow;
  onCancel: () => void;
  onSave: (row: ConditionRow) => void;
}

/** Asks for a condition: key, qualifier, operator, values. */
export function AddCondition({ services, patterns, row, onCancel, onSave }: Props) {
  const was = splitOperator(row?.operator ?? "");
  const [key, setKey] = useState(row?.key ?? "");
  const [variable, setVariable] = useState("");
  const [qualifier, setQualifier] = useState(was.qualifier);
  const [base, setBase] = useState(was.base);
  const [ifExists, setIfExists] = useState(was.ifExists);
  const [text, setText] = useState(row?.values.map((v) => v.value).join("\n") ?? "");
  const [tried, setTried] = useState(false);
  const global = useGlobalConditions();

  const keys = conditionKeysFor(services, patterns, global.data ?? []);
  const type = typeOf(key, keys);
  const operators = operatorsFor(type);
  const operator = operators.includes(base) || (row && base === was.base && base !== "") ? base : operators[0]!;
  const blank = variablePart(key);
  const yesNo = operator === "Bool" || operator === "Null";
  const values = yesNo ? [/^false$/i.test(text) ? "false" : "true"] : text.split("\n").map((v) => v.trim()).filter((v) => v !== "");
  const keyFault = !/^[^\s:]+:\S+$/.test(key) ? "Enter a condition key, such as aws:SourceVpc." : blank !== undefined && variable === "" ? `Enter the ${blank}.` : undefined;
  const valueFault = values.length === 0 ? "Enter a value." : values.map((v) => faultOfValue(operator, v)).find((f) => f !== undefined);

  const save = () => {
    setTried(true);
    if (keyFault || valueFault) return;
    const whole = blank === undefined ? key : key.replace(`\${${blank}}`, () => variable);
    const next = conditionRow(joinOperator({ qualifier, base: operator, ifExists }), whole, values);
    // Values that stay keep how they were written: 10 stays a number.
    const same = row?.values.filter((v) => values.includes(v.value)) ?? [];
    onSave({ ...next, list: next.list || (row?.list ?? false), values: next.values.map((v) => same.find((s) => s.value === v.value) ?? v) });
  };

  return (
    <Modal
      visible
      header={row ? "Edit condition" : "Add condition"}
      closeAriaLabel="Close"
      onDismiss={onCancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onCancel}>Cancel</Button>
            <Button variant="primary" onClick={save}>{row ? "Save condition" : "Add condition"}</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField label="Condition key" errorText={tried ? keyFault : undefined} description={type ? `Type: ${type.replace(/^ArrayOf(.*)/, "$1, several values")}` : undefined}>
          <Autosuggest
            value={key}
            options={keys.map((k) => ({ value: k.name, description: k.type }))}
            clearAriaLabel="Clear"
            enteredTextLabel={(v) => `Use: ${v}`}
            placeholder="Search or enter a key"
            statusType={global.data || global.error !== undefined ? "finished" : "loading"}
            loadingText="Loading keys"
            virtualScroll
            empty="No keys"
            onChange={({ detail }) => setKey(detail.value)}
          />
        </FormField>
        {blank !== undefined && (
          <FormField label={blank === "TagKey" ? "Tag key" : blank}>
            <Input value={variable} onChange={({ detail }) => setVariable(detail.value)} />
          </FormField>
        )}
        <FormField label="Qualifier" description="For a key that may have several values in one request.">
          <Select selectedOption={qualifiers.find((q) => q.value === qualifier) ?? null} options={qualifiers} onChange={({ detail }) => setQualifier(detail.selectedOption.value ?? "")} />
        </FormField>
        <FormField label="Operator">
          <Select
            selectedOption={{ value: operator, label: operator }}
            options={operators.map((o) => ({ value: o, label: o }))}
            filteringType={operators.length > 10 ? "auto" : "none"}
            filteringAriaLabel="Search operators"
            onChange={({ detail }) => setBase(detail.selectedOption.value!)}
          />
        </FormField>
        {operator !== "Null" && <Checkbox checked={ifExists} onChange={({ detail }) => setIfExists(detail.checked)}>If exists</Checkbox>}
        {yesNo ? (
          <FormField label="Value">
            <Select selectedOption={{ value: values[0]!, label: values[0]! }} options={["true", "false"].map((value) => ({ value, label: value }))} onChange={({ detail }) => setText(detail.selectedOption.value!)} />
          </FormField>
        ) : (
          <FormField label="Value" description="Several values stand on lines of their own; one of them must match." errorText={tried ? valueFault : undefined}>
            <Textarea value={text} rows={3} spellcheck={false} onChange={({ detail }) => setText(detail.value)} />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  );
}

/** The type of a key, tag keys that are filled in included. */
function typeOf(key: string, keys: ConditionKey[]): string | undefined {
  const low = key.toLowerCase();
  const found = keys.find((k) => k.name.toLowerCase() === low) ?? keys.find((k) => {
    const at = k.name.indexOf("${");
    return at > 0 && low.startsWith(k.name.slice(0, at).toLowerCase());
  });
  return found?.type || undefined;
}
