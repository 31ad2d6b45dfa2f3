import { useEffect, useRef, useState } from "react";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import type { ActionRow, ServiceRow } from "./summary";

interface Props {
  row: ServiceRow;
  effect: "allow" | "deny";
  onBack: () => void;
}

/** The actions of one service in a policy's summary. */
export function ServiceSummary({ row, effect, onBack }: Props) {
  const [filter, setFilter] = useState("");
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    top.current?.focus();
  }, []);
  const unknown = row.unknown.map((name): ActionRow => ({ name, level: "Uncategorized", resource: "None", condition: "None", without: false }));
  const all = [...unknown, ...row.actions];
  const wanted = filter.trim().toLowerCase();
  const shown = all.filter((a) => a.name.toLowerCase().includes(wanted));
  return (
    <div ref={top} tabIndex={-1} role="group" aria-label={`Actions of ${row.name}`}>
      <SpaceBetween size="s">
        <Button iconName="arrow-left" onClick={onBack}>All services</Button>
        <Table
          variant="embedded"
          wrapLines
          header={<Header variant="h3" counter={`(${all.length})`}>{effect === "allow" ? "Allowed" : "Denied"} actions of {row.name}</Header>}
          ariaLabels={{ tableLabel: `Actions of ${row.name}` }}
          items={shown}
          trackBy="name"
          filter={<TextFilter filteringText={filter} filteringPlaceholder="Search actions" filteringAriaLabel="Search actions" onChange={({ detail }) => setFilter(detail.filteringText)} />}
          empty="No actions"
          columnDefinitions={[
            { id: "action", header: "Action", isRowHeader: true, cell: (a) => <ActionName action={a} /> },
            { id: "level", header: "Access level", cell: (a) => a.level },
            { id: "resource", header: "Resource", cell: (a) => <span className="break-anywhere">{a.resource}</span> },
            { id: "condition", header: "Request condition", cell: (a) => <span className="break-anywhere">{a.condition}</span> },
          ]}
        />
      </SpaceBetween>
    </div>
  );
}

function ActionName({ action }: { action: ActionRow }) {
  if (action.level === "Uncategorized") return <StatusIndicator type="warning">{action.name}<Box fontSize="body-s" color="inherit">AWS does not know this action.</Box></StatusIndicator>;
  if (action.without) return <StatusIndicator type="warning">{action.name}<Box fontSize="body-s" color="inherit">The policy has no resource for this action.</Box></StatusIndicator>;
  return action.name;
}
