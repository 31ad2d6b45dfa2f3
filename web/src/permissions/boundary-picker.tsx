import Checkbox from "@cloudscape-design/components/checkbox";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { PolicyPicker } from "./policy-picker";

interface Props {
  /** The policy's ARN; undefined for no boundary; "" while one is wanted and not
   * chosen yet: a page must not go on with that. */
  value: string | undefined;
  onChange: (arn: string | undefined) => void;
  /** Whose boundary it will be: "user", "role". */
  noun?: string;
}

/** A permissions boundary, or none. */
export function BoundaryPicker({ value, onChange, noun = "" }: Props) {
  return (
    <SpaceBetween size="m">
      <Checkbox
        checked={value !== undefined}
        onChange={(e) => onChange(e.detail.checked ? "" : undefined)}
        description="Set a permissions boundary to control the maximum permissions this identity can have. It grants nothing itself."
      >
        {["Use a permissions boundary to control the maximum", noun, "permissions"].filter(Boolean).join(" ")}
      </Checkbox>
      {value !== undefined && <BoundaryTable value={value} onChange={onChange} />}
    </SpaceBetween>
  );
}

interface TableProps {
  value: string | undefined;
  onChange: (arn: string) => void;
  headerVariant?: "h2" | "h3";
}

/** The policies to choose a boundary from. */
export function BoundaryTable({ value, onChange, headerVariant = "h3" }: TableProps) {
  return (
    <PolicyPicker
      single
      header="Permissions boundary policies"
      headerVariant={headerVariant}
      selected={value ? [value] : []}
      onChange={(arns) => onChange(arns[0] ?? "")}
    />
  );
}
