import { useRef, useState } from "react";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { byNeed, resourceNeeds, type ResourceNeed } from "./actions";
import { AddARNs } from "./add-arns";
import { anyInAccount, partsOf } from "./arn";
import type { Service } from "./reference";

interface Props {
  services: Service[];
  patterns: string[]; // the actions
  resources: string[];
  account?: string;
  onChange: (arns: string[]) => void;
  /** Puts actions into a statement of their own, on all resources. */
  onSplit: (actions: string[]) => void;
}

const most = 8;

export function ResourcesSection({ services, patterns, resources, account, onChange, onSplit }: Props) {
  const { needs, without } = resourceNeeds(services, patterns);
  const all = resources.includes("*");
  const before = useRef<string[]>([]); // for whoever changes between the two
  const [adding, setAdding] = useState<{ need?: ResourceNeed }>();
  const groups = byNeed(needs, resources.filter((r) => r !== "*"));
  // Of many types those are shown at once that have ARNs or that most actions take.
  const asked = new Set([...needs].sort((a, b) => b.actions.length - a.actions.length).slice(0, most));
  const shown = needs.filter((n) => groups.has(n) || asked.has(n));
  const hidden = needs.filter((n) => !shown.includes(n));
  const other = groups.get(undefined) ?? [];
  const alone = without.filter((a) => patterns.some((p) => p.toLowerCase() === a.toLowerCase()));
  const own = patterns.filter((p) => alone.some((a) => a.toLowerCase() === p.toLowerCase()));
  const only = needs.length === 0 && without.length > 0;
  const remove = (arn: string) => onChange(resources.filter((r) => r !== arn));
  return (
    <ExpandableSection headerText="Resources" headingTagOverride="h3" defaultExpanded headerDescription="Specify resource ARNs for these actions.">
      <SpaceBetween size="s">
        <RadioGroup
          ariaLabel="Resources"
          value={all ? "all" : "specific"}
          onChange={({ detail }) => {
            if (detail.value === "all") before.current = resources;
            onChange(detail.value === "all" ? ["*"] : before.current.filter((r) => r !== "*"));
          }}
          items={[
            { value: "all", label: "All" },
            { value: "specific", label: "Specific", disabled: only && all },
          ]}
        />
        {only && <Box color="text-body-secondary">The chosen actions support all resources only.</Box>}
        {all && !only && needs.length > 0 && (
          <Alert type="info">The policy applies to all resources of the chosen actions. As a best practice, define permissions for specific resources.</Alert>
        )}
        {!all && without.length > 0 && !only && (
          <Alert type="warning" action={own.length > 0 && own.length < patterns.length && <Button onClick={() => onSplit(own)}>Move to a statement of their own</Button>}>
            These actions support all resources only and are not permitted on specific ones: {without.slice(0, 6).join(", ")}
            {without.length > 6 && ` and ${without.length - 6} more`}.
          </Alert>
        )}
        {!all && patterns.length === 0 && services.length > 0 && <Box color="text-body-secondary">Choose actions to see the types of resources that they take.</Box>}
        {!all && shown.map((need) => (
          <TypeARNs key={`${need.service.prefix} ${need.type.name}`} need={need} arns={groups.get(need) ?? []} account={account} resources={resources} onChange={onChange} onRemove={remove} onAdd={() => setAdding({ need })} />
        ))}
        {!all && hidden.length > 0 && (
          <FormField label="More resource types" description={`The chosen actions take ${hidden.length} more types of resources.`}>
            <Select
              selectedOption={null}
              placeholder="Add ARNs for a type"
              filteringType="auto"
              filteringAriaLabel="Search resource types"
              options={hidden.map((n, i) => ({ value: String(i), label: n.type.name, labelTag: n.service.prefix }))}
              onChange={({ detail }) => setAdding({ need: hidden[Number(detail.selectedOption.value)] })}
            />
          </FormField>
        )}
        {!all && !only && (
          <FormField label="Other ARNs" description={needs.length > 0 ? "ARNs that fit none of the types above." : undefined} stretch>
            <ARNList arns={other} onRemove={remove} />
            <Button variant="inline-link" ariaLabel="Add other ARNs" onClick={() => setAdding({})}>Add other ARNs</Button>
          </FormField>
        )}
      </SpaceBetween>
      {adding && (
        <AddARNs
          need={adding.need}
          account={account}
          onCancel={() => setAdding(undefined)}
          onAdd={(arns) => {
            onChange([...resources, ...arns.filter((a) => !resources.includes(a))]);
            setAdding(undefined);
          }}
        />
      )}
    </ExpandableSection>
  );
}

interface TypeProps {
  need: ResourceNeed;
  arns: string[];
  account?: string;
  resources: string[];
  onChange: (arns: string[]) => void;
  onRemove: (arn: string) => void;
  onAdd: () => void;
}

function TypeARNs({ need, arns, account, resources, onChange, onRemove, onAdd }: TypeProps) {
  const hasAccount = partsOf(need.type.arn).some((p) => p.kind === "account");
  const any = anyInAccount(need.type.arn, account ?? "*");
  const actions = `${need.actions.slice(0, 4).join(", ")}${need.actions.length > 4 ? ` and ${need.actions.length - 4} more` : ""}`;
  return (
    <FormField
      label={need.type.name}
      stretch
      description={arns.length > 0 ? undefined : need.required ? `Specify the ${need.type.name} resource ARN for ${actions}.` : `${actions} can be limited to ${need.type.name} resources.`}
    >
      <SpaceBetween size="xxs">
        <ARNList arns={arns} onRemove={onRemove} />
        <SpaceBetween direction="horizontal" size="m">
          <Button variant="inline-link" ariaLabel={`Add ARNs for ${need.type.name}`} onClick={onAdd}>Add ARNs</Button>
          <Checkbox
            ariaLabel={`${hasAccount ? "Any in this account" : "Any"}: ${need.type.name}`}
            checked={resources.includes(any)}
            onChange={({ detail }) => onChange(detail.checked ? [...resources.filter((r) => !arns.includes(r)), any] : resources.filter((r) => r !== any))}
          >
            {hasAccount ? "Any in this account" : "Any"}
          </Checkbox>
        </SpaceBetween>
      </SpaceBetween>
    </FormField>
  );
}

function ARNList({ arns, onRemove }: { arns: string[]; onRemove: (arn: string) => void }) {
  if (arns.length === 0) return null;
  return (
    <ul className="policy-arns">
      {arns.map((arn) => (
        <li key={arn}>
          <span>{arn}</span>
          <Button variant="inline-icon" iconName="close" ariaLabel={`Remove ${arn}`} onClick={() => onRemove(arn)} />
        </li>
      ))}
    </ul>
  );
}
