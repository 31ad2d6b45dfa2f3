import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

interface Props {
  label: string;
  value: string;
  autoComplete: "current-password" | "new-password";
  error?: string;
  constraint?: string;
  autoFocus?: boolean;
  onChange: (value: string) => void;
}

/** A password's field, which can show it. */
export function Password({ label, value, autoComplete, error, constraint, autoFocus, onChange }: Props) {
  const [shown, setShown] = useState(false);
  return (
    <SpaceBetween size="xxs">
      <FormField label={label} errorText={error} constraintText={constraint}>
        <Input type={shown ? "text" : "password"} value={value} autoComplete={autoComplete} autoFocus={autoFocus} spellcheck={false} onChange={(e) => onChange(e.detail.value)} />
      </FormField>
      <Checkbox checked={shown} onChange={(e) => setShown(e.detail.checked)}>Show {label.toLowerCase()}</Checkbox>
    </SpaceBetween>
  );
}
