import { useState } from "react";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TextFilter from "@cloudscape-design/components/text-filter";
import Toggle from "@cloudscape-design/components/toggle";
import TokenGroup from "@cloudscape-design/components/token-group";
import { byLevel, chosenActions, faultOfAction, isAll, manualPatterns, prefixOf, toggleActions, toggleAll, wildcardOf } from "./actions";
import { shortName, type Action, type Service } from "./reference";

interface Props {
  /** Services that the patterns name; "*" among them for all, and such as AWS doesn't have. */
  prefixes: string[];
  services: Service[];
  effect: string;
  patterns: string[];
  onChange: (patterns: string[]) => void;
}

export function ActionsSection({ prefixes, services, effect, patterns, onChange }: Props) {
  const unknown = patterns.filter((p) => prefixOf(p) !== "*" && !services.some((s) => s.prefix === prefixOf(p)));
  return (
    <SpaceBetween size="s">
      <Header variant="h3" description={`Specify actions from the service to be ${effect === "Deny" ? "denied" : "allowed"}.`}>
        {effect === "Deny" ? "Actions denied" : "Actions allowed"}
      </Header>
      {prefixes.includes("*") && (
        <Checkbox checked onChange={() => onChange(patterns.filter((p) => p !== "*"))}>All actions of all services (*)</Checkbox>
      )}
      {services.map((s) => (
        <ServiceActions key={s.prefix} service={s} patterns={patterns} several={services.length > 1} onChange={onChange} />
      ))}
      {unknown.length > 0 && (
        <FormField label="Actions of services that are not recognized" stretch>
          <TokenGroup
            items={unknown.map((p) => ({ label: p, dismissLabel: `Remove ${p}` }))}
            onDismiss={({ detail }) => onChange(patterns.filter((p) => p !== unknown[detail.itemIndex]))}
          />
        </FormField>
      )}
    </SpaceBetween>
  );
}

interface ServiceProps {
  service: Service;
  patterns: string[];
  several: boolean;
  onChange: (patterns: string[]) => void;
}

function ServiceActions({ service, patterns, several, onChange }: ServiceProps) {
  const [filter, setFilter] = useState("");
  const [explain, setExplain] = useState(false);
  const chosen = new Set(chosenActions(service, patterns));
  const wanted = filter.trim().toLowerCase();
  const groups = byLevel(service.actions)
    .map((g) => ({ ...g, shown: g.actions.filter((a) => a.name.toLowerCase().includes(wanted)) }))
    .filter((g) => g.shown.length > 0);
  const matches = groups.reduce((n, g) => n + g.shown.length, 0);
  return (
    <SpaceBetween size="s">
      {several && <Box variant="h4">{shortName(service)}</Box>}
      <TextFilter
        filteringText={filter}
        filteringPlaceholder="Filter actions"
        filteringAriaLabel={`Filter actions of ${service.name}`}
        filteringClearAriaLabel="Clear the filter"
        countText={wanted === "" ? "" : matches === 1 ? "1 match" : `${matches} matches`}
        onChange={({ detail }) => setFilter(detail.filteringText)}
      />
      <ManualActions service={service} patterns={patterns} onChange={onChange} />
      <Checkbox checked={isAll(service, patterns)} disabled={patterns.includes("*")} onChange={({ detail }) => onChange(toggleAll(service, patterns, detail.checked))}>
        All {shortName(service)} actions ({service.prefix}:*)
      </Checkbox>
      <Toggle checked={explain} onChange={({ detail }) => setExplain(detail.checked)}>Show what actions do</Toggle>
      <Box variant="h4">Access level</Box>
      {groups.length === 0 && <Box color="text-body-secondary">No action matches the filter.</Box>}
      {groups.map((g) => (
        <LevelActions key={g.level} level={g.level} all={g.actions} shown={g.shown} filtered={wanted !== ""} explain={explain} chosen={chosen} service={service} patterns={patterns} onChange={onChange} />
      ))}
    </SpaceBetween>
  );
}

interface LevelProps extends Omit<ServiceProps, "several"> {
  level: string;
  all: Action[];
  shown: Action[];
  filtered: boolean;
  explain: boolean;
  chosen: Set<Action>;
}

const atOnce = 100; // more checkboxes than that are slow

function LevelActions({ level, all, shown, filtered, explain, chosen, service, patterns, onChange }: LevelProps) {
  const [open, setOpen] = useState(false);
  const [whole, setWhole] = useState(false);
  const listed = whole ? shown : shown.slice(0, atOnce);
  const count = all.filter((a) => chosen.has(a)).length;
  const fixed = new Map(shown.map((a) => [a, chosen.has(a) ? wildcardOf(service, a, patterns) : undefined]));
  const names = (actions: Action[]) => actions.map((a) => a.name);
  const within = shown.filter((a) => chosen.has(a)).length;
  return (
    <ExpandableSection
      headerText={`${level} ${count > 0 ? `(Selected ${count}/${all.length})` : `(${all.length})`}`}
      headingTagOverride="h5"
      expanded={open || filtered}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      {(open || filtered) && (
        <SpaceBetween size="xs">
          <Checkbox
            checked={within === shown.length}
            indeterminate={within > 0 && within < shown.length}
            disabled={shown.every((a) => fixed.get(a) !== undefined)}
            onChange={({ detail }) => onChange(toggleActions(service, patterns, names(shown), detail.checked))}
          >
            {filtered ? `All ${level.toLowerCase()} actions that match` : `All ${level.toLowerCase()} actions`}
          </Checkbox>
          <div className="policy-actions">
            {listed.map((a) => (
              <div key={a.name}>
                <Checkbox
                  checked={chosen.has(a)}
                  disabled={fixed.get(a) !== undefined}
                  description={describeAction(a, explain, fixed.get(a) && !isAll(service, [fixed.get(a)!]) ? fixed.get(a) : undefined)}
                  onChange={({ detail }) => onChange(toggleActions(service, patterns, [a.name], detail.checked))}
                >
                  {a.name}
                </Checkbox>
              </div>
            ))}
          </div>
          {listed.length < shown.length && <Button variant="inline-link" onClick={() => setWhole(true)}>Show all {shown.length} actions</Button>}
        </SpaceBetween>
      )}
    </ExpandableSection>
  );
}

function describeAction(action: Action, explain: boolean, pattern: string | undefined): string | undefined {
  const parts = [pattern && `Chosen by ${pattern}.`, explain && action.description];
  return parts.filter(Boolean).join(" ") || undefined;
}

function ManualActions({ service, patterns, onChange }: Omit<ServiceProps, "several">) {
  const [name, setName] = useState("");
  const [fault, setFault] = useState<string>();
  const manual = manualPatterns(service, patterns);
  const add = () => {
    const entered = name.trim().replace(new RegExp(`^${service.prefix}:`, "i"), "");
    const wrong = faultOfAction(service, entered);
    setFault(wrong);
    if (wrong) return;
    const pattern = `${service.prefix}:${entered}`;
    if (!patterns.includes(pattern)) onChange([...patterns, pattern]);
    setName("");
  };
  return (
    <ExpandableSection headerText="Add actions manually" headingTagOverride="h4" defaultExpanded={manual.length > 0}>
      <FormField label="Action" description="A name, or a pattern with wildcards such as Get*." errorText={fault} secondaryControl={<Button onClick={add}>Add action</Button>}>
        <Input
          value={name}
          placeholder="Get*"
          onChange={({ detail }) => (setName(detail.value), setFault(undefined))}
          onKeyDown={(e) => {
            if (e.detail.key !== "Enter") return;
            e.preventDefault(); // it would send the form that the editor stands in
            add();
          }}
        />
      </FormField>
      <TokenGroup
        items={manual.map((p) => ({ label: p, dismissLabel: `Remove ${p}` }))}
        onDismiss={({ detail }) => onChange(patterns.filter((p) => p !== manual[detail.itemIndex]))}
      />
    </ExpandableSection>
  );
}
