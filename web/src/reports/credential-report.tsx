import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { ActionButton } from "../shared/action-button";
import { download } from "../shared/download";
import { ErrorAlert } from "../shared/errors";
import { at, follow, link } from "../shared/link";
import { useLoad, useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { ResourceTable } from "../shared/resource-table";
import { ago, showTime } from "../shared/time";
import { currentReport, fileName, isFound, life, looks, makeReport, rootRow, type CredentialReport, type Look, type Row } from "./credentials";

/** "/credential-report": all users and their credentials. */
export default function CredentialReportPage() {
  const report = useLoad(currentReport, []);
  const making = useWork();
  const fetch = (after: (made: CredentialReport) => void) =>
    making.run(async () => {
      after(await makeReport());
      report.reload();
    });
  const save = (r: CredentialReport) => {
    download(fileName(r.made), r.text, "text/csv");
    notify("success", `Credential report downloaded: ${fileName(r.made)}`);
  };
  const data = report.data;
  return (
    <Page
      title="Credential report"
      description="The credential report lists all your IAM users in this account and the status of their various credentials. A report is good for up to 4 hours; until then no new one is made."
      actions={
        <ActionButton variant="primary" iconName="download" action={data ? "iam:GetCredentialReport" : "iam:GenerateCredentialReport"} loading={making.busy} onClick={() => void fetch(save)}>
          Download credentials report
        </ActionButton>
      }
    >
      <ErrorAlert error={making.error} />
      <ErrorAlert error={report.error} onRetry={report.reload} />
      {data && (
        <Alert type="info">
          Report of {showTime(data.made)} ({ago(data.made)}). What was changed since is not in it. A new report can be made from {showTime(new Date(data.made.getTime() + life))}.
        </Alert>
      )}
      {data ? (
        <Users report={data} loading={report.loading} onReload={report.reload} />
      ) : (
        report.error === undefined && !report.loading && (
          <Container>
            <Box textAlign="center" padding="l">
              <SpaceBetween size="s">
                <b>No report</b>
                <span>There is no report of the last 4 hours. Generate one to see it here.</span>
                <ActionButton action="iam:GenerateCredentialReport" loading={making.busy} onClick={() => void fetch(() => notify("success", "Credential report generated."))}>Generate report</ActionButton>
              </SpaceBetween>
            </Box>
          </Container>
        )
      )}
    </Page>
  );
}

const shownFirst = ["user", "password_enabled", "password_last_used", "mfa_active", "access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_2_active"];

function Users({ report, loading, onReload }: { report: CredentialReport; loading: boolean; onReload: () => void }) {
  const [look, setLook] = useState<Look>("all");
  return (
    <ResourceTable<Row>
      noun="users"
      header="Users"
      items={report.rows.filter((r) => isFound(look, r))}
      loading={loading}
      onReload={onReload}
      idOf={(r) => r["arn"]!}
      labelOf={(r) => r["user"]!}
      filterText={(r) => `${r["user"]} ${r["arn"]}`}
      hidden={report.columns.filter((c) => !shownFirst.includes(c))}
      pageSize={20}
      empty={look === "all" ? undefined : <SpaceBetween size="xs"><b>No users</b><Button onClick={() => setLook("all")}>Show all users</Button></SpaceBetween>}
      filters={
        <Select
          ariaLabel="Which users"
          selectedOption={{ value: look, label: looks[look] }}
          options={Object.entries(looks).map(([value, label]) => ({ value, label }))}
          onChange={(e) => setLook(e.detail.selectedOption.value as Look)}
        />
      }
      columns={report.columns.map((c) => ({
        id: c,
        header: c,
        isRowHeader: c === "user",
        minWidth: c === "arn" ? 260 : 130,
        sortingField: c,
        cell: (r: Row) => <Value column={c} row={r} />,
      }))}
    />
  );
}

/** A value as the report has it; times as the person's browser has them. */
function Value({ column, row }: { column: string; row: Row }) {
  const value = row[column]!;
  if (column === "user" && value !== rootRow) return <Link {...link(at("users", value))} onFollow={follow}><span className="break-anywhere">{value}</span></Link>;
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return <span title={value}>{showTime(value)}</span>;
  return <span className="break-anywhere">{value}</span>;
}
