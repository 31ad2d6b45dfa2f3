import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { conditionFault, type ExtraCondition } from "../trust";

const operators = ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotLike", "ForAnyValue:StringEquals", "ForAnyValue:StringLike", "ForAllValues:StringEquals", "Null"];

interface Props {
  keys: string[];
  conditions: ExtraCondition[];
  onChange: (conditions: ExtraCondition[]) => void;
  errorText?: string;
}

/** "Condition - optional": what must hold beside the audience. */
export function ConditionsField({ keys, conditions, onChange, errorText }: Props) {
  const put = (n: number, change: Partial<ExtraCondition>) => onChange(conditions.map((c, i) => (i === n ? { ...c, ...change } : c)));
  return (
    <SpaceBetween size="xs">
      <div>
        <Box variant="awsui-key-label">Condition - <i>optional</i></Box>
        <Box variant="small">Specify conditions that need to be true for the role to be assumed.</Box>
      </div>
      <AttributeEditor
        items={conditions}
        addButtonText="Add condition"
        removeButtonText="Remove"
        removeButtonAriaLabel={(c) => `Remove condition ${c.key}`}
        empty="No conditions."
        disableAddButton={conditions.length >= 10}
        onAddButtonClick={() => onChange([...conditions, { key: "", operator: "StringEquals", value: "" }])}
        onRemoveButtonClick={(e) => onChange(conditions.filter((_, i) => i !== e.detail.itemIndex))}
        definition={[
          {
            label: "Key",
            control: (c: ExtraCondition, n) => (
              <Autosuggest
                value={c.key}
                ariaLabel={`Key of condition ${n + 1}`}
                placeholder="Enter or choose a key"
                enteredTextLabel={(v) => `Use: "${v}"`}
                options={keys.map((value) => ({ value }))}
                onChange={(e) => put(n, { key: e.detail.value })}
              />
            ),
          },
          {
            label: "Condition",
            control: (c: ExtraCondition, n) => (
              <Select
                ariaLabel={`Operator of condition ${n + 1}`}
                options={operators.map((value) => ({ value }))}
                selectedOption={{ value: c.operator }}
                onChange={(e) => put(n, { operator: e.detail.selectedOption.value! })}
              />
            ),
          },
          {
            label: "Value",
            errorText: (c: ExtraCondition) => (c.key && c.value ? conditionFault(c) : undefined),
            control: (c: ExtraCondition, n) => (
              <Input value={c.value} ariaLabel={`Value of condition ${n + 1}`} placeholder="Several: with commas" onChange={(e) => put(n, { value: e.detail.value })} />
            ),
          },
        ]}
      />
      {errorText && <StatusIndicator type="error">{errorText}</StatusIndicator>}
    </SpaceBetween>
  );
}
