import type { PolicyEvaluationDecisionType } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Select from "@cloudscape-design/components/select";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { csv, download } from "../../shared/download";
import { ResourceTable } from "../../shared/resource-table";
import { Evidence } from "./evidence";
import { decisionWords, reasonOf, type Question, type Row } from "./simulate";

interface Props {
  /** What was asked, as it stood then. */
  question: Question;
  rows: Row[];
}

const everything = { value: "", label: "All permissions" };

/** The answers, by action and resource; one that is opened shows its statements. */
export function Results({ question, rows }: Props) {
  const [only, setOnly] = useState("");
  const [open, setOpen] = useState<Row>();
  const denied = rows.filter((r) => r.decision !== "allowed").length;
  const organized = rows.some((r) => r.organizations !== undefined && r.organizations !== "allowed");
  const bounded = rows.some((r) => r.boundary !== undefined);
  const missing = rows.some((r) => r.missing.length > 0);
  const said = (yes: boolean | undefined) => (yes === undefined ? "-" : yes ? "Allows" : "Does not allow");
  return (
    <>
      <ResourceTable<Row>
        noun="results"
        header="Results"
        description={`${count(rows.length - denied)} allowed. ${count(denied)} denied.`}
        items={rows.filter((r) => only === "" || r.decision === only)}
        loading={false}
        idOf={(r) => `${r.action} ${r.resource}`}
        filterText={(r) => `${r.action} ${r.resource} ${decisionWords[r.decision]}`}
        pageSize={20}
        filters={
          <Select
            ariaLabel="Which results"
            selectedOption={only ? { value: only, label: decisionWords[only as PolicyEvaluationDecisionType] } : everything}
            options={[everything, ...Object.entries(decisionWords).map(([value, label]) => ({ value, label }))]}
            onChange={(e) => setOnly(e.detail.selectedOption.value!)}
          />
        }
        actions={<Button iconName="download" onClick={() => download("simulation.csv", table(rows), "text/csv")}>Download .csv</Button>}
        columns={[
          {
            id: "action",
            header: "Action",
            isRowHeader: true,
            minWidth: 130,
            sortingField: "action",
            cell: (r) => <Button variant="inline-link" ariaLabel={`${r.action} on ${r.resource}: ${decisionWords[r.decision]}, show why`} onClick={() => setOpen(r)}>{r.action}</Button>,
          },
          { id: "permission", header: "Permission", minWidth: 190, sortingField: "decision", cell: (r) => <Decision row={r} /> },
          { id: "resource", header: "Resource", minWidth: 200, sortingField: "resource", cell: (r) => <span className="break-anywhere">{r.resource}</span> },
          ...(organized ? [{ id: "organizations", header: "Organizations", minWidth: 130, cell: (r: Row) => ({ allowed: "Allows", denied: "Does not allow", "not all": "Does not allow all" })[r.organizations ?? "allowed"] }] : []),
          ...(bounded ? [{ id: "boundary", header: "Permissions boundary", minWidth: 150, cell: (r: Row) => said(r.boundary) }] : []),
          ...(missing ? [{ id: "missing", header: "Missing condition keys", minWidth: 160, cell: (r: Row) => <span className="break-anywhere">{r.missing.join(", ") || "-"}</span> }] : []),
        ]}
      />
      {open && <Evidence question={question} row={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

export function Decision({ row }: { row: Row }) {
  const n = row.statements.length;
  return (
    <StatusIndicator type={row.decision === "allowed" ? "success" : "error"}>
      {decisionWords[row.decision]} ({n === 0 ? "no matching statements" : n === 1 ? "1 matching statement" : `${n} matching statements`})
    </StatusIndicator>
  );
}

function count(n: number): string {
  return n === 1 ? "1 action" : `${n} actions`;
}

function table(rows: Row[]): string {
  return csv(["Action", "Resource", "Permission", "Reason", "Missing condition keys"], ...rows.map((r) => [r.action, r.resource, decisionWords[r.decision], reasonOf(r), r.missing.join(" ")]));
}
