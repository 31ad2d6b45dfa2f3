import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";

export interface CodePair {
  first: string;
  second: string;
}

const six = /^\d{6}$/;

export function codesFault({ first, second }: CodePair): { first?: string; second?: string } {
  return {
    first: six.test(first) ? undefined : "Enter the six digits that the device shows.",
    second: !six.test(second) ? "Wait for the next six digits, then enter them." : second === first ? "Enter the code that comes after the first." : undefined,
  };
}

/** Two codes that an authenticator app shows one after the other. */
export function Codes({ codes, asked, onChange }: { codes: CodePair; asked: boolean; onChange: (codes: CodePair) => void }) {
  const faults = codesFault(codes);
  const field = (label: string, key: keyof CodePair) => (
    <FormField label={label} errorText={asked && faults[key]}>
      <Input value={codes[key]} inputMode="numeric" autoComplete="one-time-code" onChange={(e) => onChange({ ...codes, [key]: e.detail.value.trim() })} />
    </FormField>
  );
  return (
    <SpaceBetween size="s">
      {field("MFA code 1", "first")}
      {field("MFA code 2", "second")}
    </SpaceBetween>
  );
}
