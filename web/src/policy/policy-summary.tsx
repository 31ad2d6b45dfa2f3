import { useMemo, useState } from "react";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { ErrorAlert } from "../shared/errors";
import { isUnreadable, readDocument, type PolicyDocument } from "./document";
import { readStatements, servicesToLoad } from "./grants";
import { useServiceDetails, useServices, type ServiceName } from "./reference";
import { ServiceSummary } from "./service-summary";
import { countText, summarize, type ServiceRow, type Side } from "./summary";
import "./policy.css";

interface Props {
  /** The policy's text. */
  document: string;
  title?: string;
}

/** What a policy allows and denies, by service; a service shows its actions. */
export function PolicySummary({ document, title = "Permissions defined in this policy" }: Props) {
  const services = useServices();
  const doc = useMemo(() => readDocument(document), [document]);
  return (
    <SpaceBetween size="m">
      <Header variant="h2" description="What the policy document allows and denies. It gives effect to an identity when it is attached to it.">{title}</Header>
      {services.error !== undefined && <ErrorAlert error={services.error} header="The list of services could not be loaded" onRetry={services.reload} />}
      {isUnreadable(doc) && <Alert type="warning">The document can&apos;t be summarized: line {doc.line}, column {doc.column + 1}: {doc.message}.</Alert>}
      {!isUnreadable(doc) && services.data && <Loaded doc={doc} services={services.data} />}
      {!isUnreadable(doc) && !services.data && services.error === undefined && <Box><Spinner /> Loading</Box>}
    </SpaceBetween>
  );
}

function Loaded({ doc, services }: { doc: PolicyDocument; services: ServiceName[] }) {
  const [open, setOpen] = useState<{ side: "allow" | "deny"; prefix: string }>();
  const wanted = useMemo(() => servicesToLoad(readStatements(doc).statements, services), [doc, services]);
  const details = useServiceDetails(open ? [...wanted, open.prefix] : wanted);
  const summary = useMemo(() => details.data && summarize(doc, services, details.data), [doc, services, details.data]);
  const [all, setAll] = useState(false);
  if (details.error !== undefined) return <ErrorAlert error={details.error} header="The services' actions could not be loaded" onRetry={details.reload} />;
  if (!summary) return <Box><Spinner /> Loading</Box>;
  const row = open && summary[open.side].rows.find((r) => r.prefix === open.prefix);
  if (open && row) return <ServiceSummary row={row} effect={open.side} onBack={() => setOpen(undefined)} />;
  const rest = services.filter((s) => !summary.allow.rows.some((r) => r.prefix === s.prefix) && !summary.deny.rows.some((r) => r.prefix === s.prefix));
  const remaining = rest.map((s): ServiceRow => ({ ...s, level: "None", resource: "None", condition: "None", actions: [], unknown: [] }));
  const nothing = summary.allow.rows.length + summary.deny.rows.length === 0;
  return (
    <SpaceBetween size="m">
      {summary.faults && (
        <Alert type="warning">
          Some of what this policy names gives no permission: an action must exist, and have a resource in the policy that it can be done on.
          {summary.unread > 0 && ` ${summary.unread} of its statements can't be read.`}
        </Alert>
      )}
      {nothing && <Alert type="info">This policy gives no permissions.</Alert>}
      {summary.deny.rows.length + summary.deny.unrecognized.length > 0 && (
        <SideTable title="Explicit deny" side={summary.deny} services={summary.services} onOpen={(prefix) => setOpen({ side: "deny", prefix })} />
      )}
      {summary.allow.rows.length + summary.allow.unrecognized.length > 0 && (
        <SideTable title="Allow" side={summary.allow} services={summary.services} onOpen={(prefix) => setOpen({ side: "allow", prefix })} />
      )}
      {rest.length > 0 && (
        <Button variant="inline-link" ariaExpanded={all} onClick={() => setAll(!all)}>
          {all ? "Hide" : "Show"} remaining {rest.length === 1 ? "service" : `${rest.length} services`}
        </Button>
      )}
      {all && <SideTable title="No permissions" side={{ rows: remaining, unrecognized: [] }} services={summary.services} />}
    </SpaceBetween>
  );
}

interface SideProps {
  title: string;
  side: Side;
  services: number;
  onOpen?: (prefix: string) => void;
}

const perPage = 20;

function SideTable({ title, side, services, onOpen }: SideProps) {
  const [filter, setFilter] = useState("");
  const [page, setPage] = useState(1);
  const wanted = filter.trim().toLowerCase();
  const rows = side.rows.filter((r) => `${r.name} ${r.prefix}`.toLowerCase().includes(wanted));
  const pages = Math.max(1, Math.ceil(rows.length / perPage));
  const at = Math.min(page, pages);
  return (
    <SpaceBetween size="xs">
      <Table
        variant="embedded"
        wrapLines
        header={<Header variant="h3">{countText(title, side, services)}</Header>}
        ariaLabels={{ tableLabel: title }}
        items={rows.slice((at - 1) * perPage, at * perPage)}
        trackBy="prefix"
        filter={side.rows.length > perPage && (
          <TextFilter filteringText={filter} filteringPlaceholder="Search services" filteringAriaLabel={`Search services: ${title}`} onChange={({ detail }) => (setFilter(detail.filteringText), setPage(1))} />
        )}
        pagination={pages > 1 && (
          <Pagination currentPageIndex={at} pagesCount={pages} onChange={({ detail }) => setPage(detail.currentPageIndex)} ariaLabels={{ nextPageLabel: "Next page", previousPageLabel: "Previous page", pageLabel: (n) => `Page ${n} of services` }} />
        )}
        empty="No services"
        columnDefinitions={[
          { id: "service", header: "Service", isRowHeader: true, cell: (r) => (onOpen ? <Link href="#" onFollow={(e) => (e.preventDefault(), onOpen(r.prefix))}>{r.name}</Link> : r.name) },
          { id: "level", header: "Access level", cell: (r) => <Level row={r} plain={!onOpen} /> },
          { id: "resource", header: "Resource", cell: (r) => <span className="break-anywhere">{r.resource}</span> },
          { id: "condition", header: "Request condition", cell: (r) => <span className="break-anywhere">{r.condition}</span> },
        ]}
      />
      {side.unrecognized.length > 0 && (
        <StatusIndicator type="warning">Unrecognized services: {side.unrecognized.map((p) => p || "(no service)").join(", ")}</StatusIndicator>
      )}
    </SpaceBetween>
  );
}

function Level({ row, plain }: { row: ServiceRow; plain: boolean }) {
  const faulty = row.level === "None" || row.unknown.length > 0 || row.actions.some((a) => a.without);
  if (plain || !faulty) return row.level;
  return <StatusIndicator type="warning">{row.level}</StatusIndicator>;
}
