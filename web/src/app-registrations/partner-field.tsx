import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";

interface Props {
  value: string;
  onChange: (id: string) => void;
  description: string;
  errorText?: string;
}

/** Takes a selling partner's ID, or none. */
export function PartnerField({ value, onChange, description, errorText }: Props) {
  return (
    <FormField
      label={<>Selling partner ID - <i>optional</i></>}
      description={description}
      constraintText="10 to 20 capital letters and digits. Without one, an ID is made up."
      errorText={errorText}
    >
      <Input value={value} spellcheck={false} autoComplete={false} onChange={(e) => onChange(e.detail.value)} />
    </FormField>
  );
}
