import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TokenGroup from "@cloudscape-design/components/token-group";
import { useState } from "react";
import { byLevel } from "../../policy/actions";
import { shortName, useServiceDetails, useServices, type ServiceName } from "../../policy/reference";
import { ErrorAlert } from "../../shared/errors";

interface Props {
  /** "s3:GetObject". */
  actions: string[];
  onChange: (actions: string[]) => void;
  error?: string;
}

const anyLevel = { value: "", label: "All access levels" };

/** Chooses actions of one service after the other. */
export function ActionsField({ actions, onChange, error }: Props) {
  const services = useServices();
  const [prefix, setPrefix] = useState(actions[0]?.split(":")[0]?.toLowerCase() ?? "");
  const [level, setLevel] = useState("");
  const details = useServiceDetails(prefix ? [prefix] : []);
  const service = details.data?.get(prefix);
  const groups = service ? byLevel(service.actions) : [];
  const shown = groups.filter((g) => level === "" || g.level === level);
  const full = (name: string) => `${prefix}:${name}`;
  const offered = shown.flatMap((g) => g.actions.map((a) => full(a.name)));
  const chosen = offered.filter((o) => actions.some((a) => a.toLowerCase() === o.toLowerCase()));
  const put = (some: string[]) => {
    const others = actions.filter((a) => !offered.some((o) => o.toLowerCase() === a.toLowerCase()));
    onChange([...others, ...some]);
  };
  const option = (s: ServiceName) => ({ value: s.prefix, label: s.name, description: s.prefix });
  const current = services.data?.find((s) => s.prefix === prefix);
  return (
    <SpaceBetween size="s">
      <ErrorAlert error={services.error ?? details.error} onRetry={() => (services.reload(), details.reload())} />
      <Grid gridDefinition={[{ colspan: { default: 12, s: 4 } }, { colspan: { default: 12, s: 3 } }, { colspan: { default: 12, s: 5 } }]}>
        <FormField label="Service" stretch>
          <Select
            selectedOption={current ? option(current) : null}
            options={[...(services.data ?? [])].sort((a, b) => shortName(a).localeCompare(shortName(b))).map(option)}
            statusType={services.data ? "finished" : "loading"}
            loadingText="Loading services"
            placeholder="Select service"
            filteringType="auto"
            filteringAriaLabel="Search services"
            filteringPlaceholder="Search services"
            noMatch="No matches"
            virtualScroll
            onChange={(e) => (setPrefix(e.detail.selectedOption.value!), setLevel(""))}
          />
        </FormField>
        <FormField label="Access level" stretch>
          <Select
            disabled={!service}
            selectedOption={level ? { value: level, label: level } : anyLevel}
            options={[anyLevel, ...groups.map((g) => ({ value: g.level, label: `${g.level} (${g.actions.length})` }))]}
            onChange={(e) => setLevel(e.detail.selectedOption.value!)}
          />
        </FormField>
        <FormField label="Actions" stretch errorText={error}>
          <Multiselect
            disabled={!service}
            hideTokens
            enableSelectAll
            i18nStrings={{ selectAllText: "Select all" }}
            placeholder={service ? `Select actions (${chosen.length} of ${offered.length} selected)` : "Select a service first"}
            selectedOptions={chosen.map((value) => ({ value, label: value.slice(prefix.length + 1) }))}
            options={shown.map((g) => ({ label: g.level, options: g.actions.map((a) => ({ value: full(a.name), label: a.name })) }))}
            filteringType="auto"
            filteringAriaLabel="Search actions"
            filteringPlaceholder="Search actions"
            noMatch="No matches"
            onChange={(e) => put(e.detail.selectedOptions.map((o) => o.value!))}
          />
        </FormField>
      </Grid>
      {actions.length > 0 && (
        <SpaceBetween size="xs">
          <TokenGroup
            limit={6}
            items={actions.map((label) => ({ label, dismissLabel: `Remove ${label}` }))}
            i18nStrings={{ limitShowMore: `Show all ${actions.length} actions`, limitShowFewer: "Show fewer" }}
            onDismiss={(e) => onChange(actions.filter((_, i) => i !== e.detail.itemIndex))}
          />
          <Button variant="inline-link" onClick={() => onChange([])}>Deselect all actions</Button>
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}
