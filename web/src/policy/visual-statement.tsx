import { useState } from "react";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { ErrorAlert } from "../shared/errors";
import { prefixesOf, resourceNeeds } from "./actions";
import type { Node, ObjectNode } from "./json";
import type { PolicyKind } from "./kinds";
import { shortName, useServiceDetails, useServices, type Service, type ServiceName } from "./reference";
import { lacks, opaque, statementJSON, viewStatement, withConditions, withEffect, withStrings, type StatementView } from "./statement";
import { ActionsSection } from "./visual-actions";
import { ConditionsSection } from "./visual-conditions";
import { ResourcesSection } from "./visual-resources";

interface Props {
  text: string;
  kind: PolicyKind;
  node: Node;
  number: number;
  count: number;
  account?: string;
  markLacks?: boolean;
  onChange: (node: ObjectNode) => void;
  /** Puts two statements in the place of this one. */
  onSplit: (kept: ObjectNode, split: ObjectNode) => void;
  onClone: () => void;
  onRemove: () => void;
  onMove: (by: 1 | -1) => void;
}

/** One statement: its service, actions, resources and conditions, and what can only be shown as JSON. */
export function StatementBlock(props: Props) {
  const { node, number, count } = props;
  const services = useServices();
  const [picked, setPicked] = useState<string>();
  const whole = opaque(node);
  const view = whole === undefined ? viewStatement(node as ObjectNode) : undefined;
  const prefixes = view ? prefixesOf([...(view.actions ?? []), ...(picked && !view.actions?.includes("*") ? [`${picked}:`] : [])]) : [];
  const menu = (
    <ButtonDropdown
      ariaLabel={`Statement ${number}: actions`}
      variant="icon"
      items={[
        { id: "clone", text: "Clone", disabled: whole !== undefined },
        { id: "up", text: "Move up", disabled: number === 1 },
        { id: "down", text: "Move down", disabled: number === count },
        { id: "remove", text: "Remove" },
      ]}
      onItemClick={({ detail }) => {
        if (detail.id === "clone") props.onClone();
        else if (detail.id === "remove") props.onRemove();
        else props.onMove(detail.id === "up" ? -1 : 1);
      }}
    />
  );
  return (
    <ExpandableSection variant="container" defaultExpanded headerText={titleOf(prefixes, services.data, view)} headerCounter={count > 1 ? `(statement ${number} of ${count})` : undefined} headerDescription={view && describeView(view)} headerActions={menu}>
      {services.error !== undefined && <ErrorAlert error={services.error} header="The list of services could not be loaded" onRetry={services.reload} />}
      {view ? (
        <StatementBody {...props} node={node as ObjectNode} view={view} prefixes={prefixes} services={services.data} onPick={setPicked} />
      ) : (
        <KeptJSON why={whole!} json={statementJSON(props.text, node)} />
      )}
    </ExpandableSection>
  );
}

function titleOf(prefixes: string[], services: ServiceName[] | undefined, view: StatementView | undefined): string {
  if (!view) return "Statement in JSON";
  if (prefixes.length === 0) return view.actions === undefined ? "Other actions" : "Select a service";
  return prefixes.map((p) => (p === "*" ? "All services" : nameOf(services, p))).join(", ");
}

function describeView(view: StatementView): string {
  const n = view.actions?.length;
  if (n === undefined || n === 0) return view.effect;
  return `${view.effect} · ${n === 1 ? "1 action" : `${n} actions`}`;
}

function nameOf(services: ServiceName[] | undefined, prefix: string): string {
  const found = services?.find((s) => s.prefix === prefix);
  return found ? shortName(found) : prefix;
}

interface BodyProps extends Props {
  node: ObjectNode;
  view: StatementView;
  prefixes: string[];
  services?: ServiceName[];
  onPick: (prefix: string) => void;
}

function StatementBody({ kind, node, view, prefixes, services, account, markLacks, onPick, onChange, onSplit }: BodyProps) {
  const named = prefixes.filter((p) => p !== "*" && p !== "");
  const details = useServiceDetails(named);
  const found = named.flatMap((p) => details.data?.get(p) ?? ([] as Service[]));
  const actions = view.actions;
  const lack = markLacks ? lacks(node) : undefined;
  const everyone = kind === "rcp" && view.kept.some((k) => k.json === '"Principal": "*"');
  const kept = everyone ? view.kept.filter((k) => k.element !== "Principal") : view.kept;

  const setActions = (patterns: string[]) => {
    let changed = withStrings(node, "Action", patterns);
    // "*" is set where nothing else is possible, and goes when something else is.
    const before = resourceNeeds(found, actions ?? []).needs.length;
    const { needs, without } = resourceNeeds(found, patterns);
    const all = view.resources?.length === 1 && view.resources[0] === "*";
    if (patterns.includes("*") && view.resources?.length === 0) changed = withStrings(changed, "Resource", ["*"]);
    else if (needs.length === 0 && without.length > 0 && view.resources?.length === 0) changed = withStrings(changed, "Resource", ["*"]);
    else if (needs.length > 0 && before === 0 && all && actions?.length) changed = withStrings(changed, "Resource", []);
    onChange(changed);
  };
  const split = (own: string[]) => {
    const rest = (actions ?? []).filter((a) => !own.includes(a));
    onSplit(withStrings(node, "Action", rest), withStrings(withStrings(node, "Action", own), "Resource", ["*"]));
  };

  return (
    <SpaceBetween size="l">
      {actions !== undefined && prefixes.length === 0 && <ServiceSelect services={services} fault={lack === "actions" ? "Select a service, then its actions." : undefined} onPick={(p) => (p === "*" ? setActions(["*"]) : onPick(p))} />}
      {prefixes.length > 0 && (
        <FormField label="Effect">
          <SegmentedControl
            label="Effect"
            selectedId={view.effect}
            options={[{ id: "Allow", text: "Allow" }, { id: "Deny", text: "Deny" }]}
            onChange={({ detail }) => onChange(withEffect(node, detail.selectedId as "Allow" | "Deny"))}
          />
        </FormField>
      )}
      {details.error !== undefined && <ErrorAlert error={details.error} header="The service's actions could not be loaded" onRetry={details.reload} />}
      {named.length > 0 && !details.data && details.error === undefined && <Box><Spinner /> Loading actions</Box>}
      {lack === "actions" && prefixes.length > 0 && <StatusIndicator type="error">Choose one or more actions.</StatusIndicator>}
      {actions !== undefined && prefixes.length > 0 && (details.data || named.length === 0) && (
        <ActionsSection prefixes={prefixes} services={found} effect={view.effect} patterns={actions} onChange={setActions} />
      )}
      {lack === "resources" && <StatusIndicator type="error">Choose all resources, or add an ARN.</StatusIndicator>}
      {view.resources !== undefined && (prefixes.length > 0 || actions === undefined) && (
        <ResourcesSection services={found} patterns={actions ?? []} resources={view.resources} account={account} onChange={(arns) => onChange(withStrings(node, "Resource", arns))} onSplit={split} />
      )}
      {view.conditions !== undefined && (prefixes.length > 0 || actions === undefined) && (
        <ConditionsSection services={found} patterns={actions ?? []} rows={view.conditions} onChange={(rows) => onChange(withConditions(node, rows))} />
      )}
      {everyone && <Box color="text-body-secondary">Applies to all principals (*), as every resource control policy does.</Box>}
      {kept.map((k) => <KeptJSON key={k.element} why={k.why} json={k.json} />)}
    </SpaceBetween>
  );
}

function ServiceSelect({ services, fault, onPick }: { services?: ServiceName[]; fault?: string; onPick: (prefix: string) => void }) {
  const named = (services ?? []).map((s) => ({ value: s.prefix, label: shortName(s), labelTag: s.prefix, description: s.name }));
  const options = [{ value: "*", label: "All services", labelTag: "*" }, ...named.sort((a, b) => a.label.localeCompare(b.label))];
  return (
    <FormField label="Select a service" errorText={fault} description="Specify what actions can be performed on specific resources in a service.">
      <Select
        selectedOption={null}
        placeholder="Choose a service"
        filteringType="auto"
        filteringPlaceholder="Search services"
        filteringAriaLabel="Search services"
        statusType={services ? "finished" : "loading"}
        loadingText="Loading services"
        virtualScroll
        empty="No services"
        noMatch="No service matches"
        options={options}
        onChange={({ detail }) => onPick(detail.selectedOption.value!)}
      />
    </FormField>
  );
}

function KeptJSON({ why, json }: { why: string; json: string }) {
  return (
    <Alert type="info" header="Kept as JSON">
      {why} It stays as it is; change it in the JSON editor.
      <pre className="policy-text" tabIndex={0} role="group" aria-label="JSON that the visual editor does not show"><code>{json}</code></pre>
    </Alert>
  );
}
