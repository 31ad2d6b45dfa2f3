import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { policyFaults, PolicyForm } from "./password-policy";

interface Props {
  form: PolicyForm;
  onChange: (form: PolicyForm) => void;
  faults: ReturnType<typeof policyFaults>;
}

type Switch = { [K in keyof PolicyForm]: PolicyForm[K] extends boolean ? K : never }[keyof PolicyForm];

/** The rules of a custom password policy. */
export function CustomPolicy({ form, onChange, faults }: Props) {
  const put = (change: Partial<PolicyForm>) => onChange({ ...form, ...change });
  const box = (key: Switch, text: string) => (
    <Checkbox checked={form[key]} onChange={(e) => put({ [key]: e.detail.checked })}>
      {text}
    </Checkbox>
  );
  return (
    <SpaceBetween size="l">
      <FormField label="Password minimum length" description="Enforce a minimum length of characters." constraintText="Needs to be between 6 and 128." errorText={faults.length}>
        <Input value={form.length} inputMode="numeric" onChange={(e) => put({ length: e.detail.value })} />
      </FormField>
      <FormField label="Password strength">
        <SpaceBetween size="xs">
          {box("upper", "Require at least one uppercase letter from Latin alphabet (A-Z)")}
          {box("lower", "Require at least one lowercase letter from Latin alphabet (a-z)")}
          {box("numbers", "Require at least one number")}
          {box("symbols", "Require at least one non-alphanumeric character (! @ # $ % ^ & * ( ) _ + - = [ ] { } | ')")}
        </SpaceBetween>
      </FormField>
      <FormField label="Other requirements">
        <SpaceBetween size="s">
          {box("expires", "Turn on password expiration")}
          {form.expires && (
            <FormField label="Expire password in days" constraintText="Needs to be between 1 and 1,095." errorText={faults.days}>
              <Input value={form.days} inputMode="numeric" onChange={(e) => put({ days: e.detail.value })} />
            </FormField>
          )}
          {form.expires && box("hard", "Password expiration requires administrator reset")}
          {box("own", "Allow users to change their own password")}
          {box("noReuse", "Prevent password reuse")}
          {form.noReuse && (
            <FormField label="Number of passwords to remember" constraintText="Needs to be between 1 and 24." errorText={faults.remembered}>
              <Input value={form.remembered} inputMode="numeric" onChange={(e) => put({ remembered: e.detail.value })} />
            </FormField>
          )}
        </SpaceBetween>
      </FormField>
    </SpaceBetween>
  );
}
