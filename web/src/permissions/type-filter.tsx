import Select from "@cloudscape-design/components/select";
import type { PolicyTypeName } from "./policy-type";
import "./permissions.css";

export type TypeChoice = PolicyTypeName | "All types";

/** Tells whether a policy of a type is among those that were chosen. */
export function fitsChoice(choice: TypeChoice, type: PolicyTypeName): boolean {
  return choice === "All types" || type === choice || (choice === "AWS managed" && type === "AWS managed - job function");
}

interface Props {
  value: TypeChoice;
  onChange: (value: TypeChoice) => void;
  types: PolicyTypeName[];
}

/** "Filter by Type" beside the box that one searches with. */
export function TypeFilter({ value, onChange, types }: Props) {
  const options = (["All types", ...types] as TypeChoice[]).map((t) => ({ value: t, label: t }));
  return (
    <div className="policy-filter">
      <Select
        ariaLabel="Filter by Type"
        options={options}
        selectedOption={options.find((o) => o.value === value) ?? options[0]!}
        onChange={(e) => onChange(e.detail.selectedOption.value as TypeChoice)}
      />
    </div>
  );
}
