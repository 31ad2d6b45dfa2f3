import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { useWork } from "../../shared/load";
import { Dialog } from "./dialog";

interface Props {
  services: { name: string; text: string }[];
  onGenerate: (service: string, days?: number) => Promise<void>;
  onCancel: () => void;
}

const terms = ["1", "5", "30", "90", "365"];
const longest = 36600; // days

/** Asks for which service an API key is, and how long it is good. */
export function Generate({ services, onGenerate, onCancel }: Props) {
  const [service, setService] = useState(services[0]!.name);
  const [term, setTerm] = useState("30");
  const [custom, setCustom] = useState("");
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const days = Number(term === "custom" ? custom : term);
  const fault = term === "custom" && !(Number.isInteger(days) && days >= 1 && days <= longest) ? `Enter a number of days from 1 to ${longest}.` : undefined;
  const options = services.map((s) => ({ value: s.name, label: s.text }));
  return (
    <Dialog
      title="Generate long-term API key"
      button="Generate API key"
      busy={busy}
      error={error}
      onCancel={onCancel}
      onDo={() => {
        setAsked(true);
        if (!fault) void run(() => onGenerate(service, term === "never" ? undefined : days));
      }}
    >
      <FormField label="Service">
        <Select selectedOption={options.find((o) => o.value === service) ?? null} options={options} onChange={(e) => setService(e.detail.selectedOption.value!)} />
      </FormField>
      <FormField label="API key expiration" description="A key that ends soon does less harm when it is lost.">
        <RadioGroup
          value={term}
          onChange={(e) => setTerm(e.detail.value)}
          items={[
            ...terms.map((value) => ({ value, label: `${value} ${value === "1" ? "day" : "days"}` })),
            { value: "custom", label: "Custom duration" },
            { value: "never", label: "Never expires", description: "Not recommended." },
          ]}
        />
      </FormField>
      {term === "custom" && (
        <FormField label="Duration in days" errorText={asked && fault}>
          <Input type="number" inputMode="numeric" value={custom} onChange={(e) => setCustom(e.detail.value)} />
        </FormField>
      )}
    </Dialog>
  );
}
