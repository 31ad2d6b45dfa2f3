import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { emptyPolicy } from "../../policy/document";
import { PolicyEditor } from "../../policy/editor";

interface Props {
  policies: string[];
  onChange: (policies: string[]) => void;
}

const most = 10; // editors, not AWS's limit

/** Policies that are nobody's yet. */
export function NewPolicies({ policies, onChange }: Props) {
  return (
    <SpaceBetween size="m">
      {policies.map((text, n) => (
        <SpaceBetween key={n} size="xs">
          <PolicyEditor
            kind="identity"
            mode="json"
            title={policies.length > 1 ? `Policy ${n + 1}` : "New policy"}
            description="Paste or write a policy to try it before it is attached to anybody."
            value={text}
            onChange={(next) => onChange(policies.map((p, i) => (i === n ? next : p)))}
          />
          {policies.length > 1 && n === policies.length - 1 && (
            <Button iconName="remove" onClick={() => onChange(policies.slice(0, -1))}>Remove policy {n + 1}</Button>
          )}
        </SpaceBetween>
      ))}
      <Button iconName="add-plus" disabled={policies.length >= most} onClick={() => onChange([...policies, emptyPolicy])}>Add another policy</Button>
    </SpaceBetween>
  );
}
