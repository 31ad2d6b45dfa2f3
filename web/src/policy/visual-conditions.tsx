import { useState } from "react";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { AddCondition } from "./add-condition";
import { faultOfAddress } from "./conditions";
import type { Service } from "./reference";
import { conditionRow, type ConditionRow } from "./statement";

interface Props {
  services: Service[];
  patterns: string[];
  rows: ConditionRow[];
  onChange: (rows: ConditionRow[]) => void;
}

const isMFA = (r: ConditionRow) => r.operator === "Bool" && r.key.toLowerCase() === "aws:multifactorauthpresent" && r.values.length === 1 && r.values[0]!.value === "true";
const isSource = (r: ConditionRow) => r.operator === "IpAddress" && r.key.toLowerCase() === "aws:sourceip";

export function ConditionsSection({ services, patterns, rows, onChange }: Props) {
  const [edited, setEdited] = useState<{ row?: ConditionRow }>();
  const others = rows.filter((r) => !isMFA(r) && !isSource(r));
  const count = rows.length === 0 ? "" : ` (${rows.length})`;
  return (
    <ExpandableSection headerText={`Request conditions - optional${count}`} headingTagOverride="h3" defaultExpanded={rows.length > 0} headerDescription="Actions are allowed or denied only when these conditions are met.">
      <SpaceBetween size="s">
        <Checkbox
          checked={rows.some(isMFA)}
          description="The caller must have authenticated with a multi-factor authentication (MFA) device."
          onChange={({ detail }) => onChange(detail.checked ? [...rows, conditionRow("Bool", "aws:MultiFactorAuthPresent", ["true"])] : rows.filter((r) => !isMFA(r)))}
        >
          MFA required
        </Checkbox>
        <SourceIP rows={rows} onChange={onChange} />
        {others.length > 0 && (
          <ul className="policy-arns">
            {others.map((r) => (
              <li key={`${r.operator} ${r.key}`}>
                <span>{r.key} <b>{r.operator}</b> {r.values.map((v) => v.value).join(", ") || "(no value)"}</span>
                <SpaceBetween direction="horizontal" size="xxs">
                  <Button variant="inline-icon" iconName="edit" ariaLabel={`Edit the condition on ${r.key}, ${r.operator}`} onClick={() => setEdited({ row: r })} />
                  <Button variant="inline-icon" iconName="close" ariaLabel={`Remove the condition on ${r.key}, ${r.operator}`} onClick={() => onChange(rows.filter((x) => x !== r))} />
                </SpaceBetween>
              </li>
            ))}
          </ul>
        )}
        <Button iconName="add-plus" onClick={() => setEdited({})}>Add another condition</Button>
      </SpaceBetween>
      {edited && (
        <AddCondition
          services={services}
          patterns={patterns}
          row={edited.row}
          onCancel={() => setEdited(undefined)}
          onSave={(row) => {
            onChange(edited.row ? rows.map((r) => (r === edited.row ? row : r)) : [...rows, row]);
            setEdited(undefined);
          }}
        />
      )}
    </ExpandableSection>
  );
}

function SourceIP({ rows, onChange }: Pick<Props, "rows" | "onChange">) {
  const row = rows.find(isSource);
  const [open, setOpen] = useState(false);
  const [text, setText] = useState(row?.values.map((v) => v.value).join(", ") ?? "");
  const [tried, setTried] = useState(false);
  const values = text.split(/[\s,]+/).filter((v) => v !== "");
  const fault = values.length === 0 ? "Enter an IP address or range, such as 203.0.113.0/24." : values.map(faultOfAddress).find((f) => f !== undefined);
  const rest = rows.filter((r) => !isSource(r));
  const save = () => {
    setTried(true);
    if (!fault) onChange(row ? rows.map((r) => (r === row ? conditionRow("IpAddress", r.key, values) : r)) : [...rest, conditionRow("IpAddress", "aws:SourceIp", values)]);
  };
  return (
    <SpaceBetween size="xxs">
      <Checkbox
        checked={row !== undefined || open}
        description="The caller's IP address must be in a range."
        onChange={({ detail }) => {
          setOpen(detail.checked);
          setTried(false);
          if (!detail.checked) onChange(rest);
        }}
      >
        Source IP
      </Checkbox>
      {(row !== undefined || open) && (
        <FormField label="Source IP ranges" description="Addresses or ranges in CIDR form, with commas between them." errorText={tried ? fault : undefined}>
          <Input value={text} placeholder="203.0.113.0/24" onChange={({ detail }) => setText(detail.value)} onBlur={save} onKeyDown={(e) => e.detail.key === "Enter" && (e.preventDefault(), save())} />
        </FormField>
      )}
      {row === undefined && open && !tried && <Box color="text-body-secondary">The condition is added when you leave the field.</Box>}
    </SpaceBetween>
  );
}
