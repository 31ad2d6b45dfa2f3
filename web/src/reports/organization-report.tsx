import type { AccessDetail } from "@aws-sdk/client-iam";
import type { Organization } from "@aws-sdk/client-organizations";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { policiesOf } from "../organizations/target-policies";
import { all, find, kindNames, line, loadTree, type Node } from "../organizations/tree";
import { ErrorAlert } from "../shared/errors";
import { at, follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { ResourceTable } from "../shared/resource-table";
import { ago, showTime } from "../shared/time";
import { never } from "./accessed";
import { entityPath, organizationAccess } from "./organization-access";

/** What an organization's accounts used of what its policies allow them. */
export function OrganizationReport({ organization }: { organization: Organization }) {
  const tree = useLoad(() => loadTree(organization), [organization.Id]);
  return (
    <SpaceBetween size="l">
      <ErrorAlert error={tree.error} onRetry={tree.reload} />
      {tree.data && <OfTree organization={organization} top={tree.data} />}
    </SpaceBetween>
  );
}

const every = { value: "", label: "All that apply" };

function OfTree({ organization, top }: { organization: Organization; top: Node }) {
  const [id, setId] = useState(top.id);
  const [policy, setPolicy] = useState("");
  const policies = useLoad(() => policiesOf("SERVICE_CONTROL_POLICY").catch(() => []), []);
  const node = find(top, id) ?? top;
  const option = (n: Node) => ({ value: n.id, label: n.name, description: n.kind === "root" ? undefined : line(n).map((x) => x.name).join(" / "), tags: [kindNames[n.kind]] });
  const offered = [every, ...(policies.data?.map((p) => ({ value: p.Id!, label: p.Name! })) ?? [])];
  return (
    <SpaceBetween size="l">
      <Container header={<Header description="Services that service control policies allow, and when an account used them last.">Organization activity</Header>}>
        <Grid gridDefinition={[{ colspan: { default: 12, xs: 6 } }, { colspan: { default: 12, xs: 6 } }]}>
          <FormField label="Root, organizational unit or account" stretch>
            <Select selectedOption={{ value: node.id, label: node.name }} options={all(top).map(option)} filteringType="auto" filteringAriaLabel="Search the organization" onChange={(e) => setId(e.detail.selectedOption.value!)} />
          </FormField>
          <FormField label="Service control policy" stretch>
            <Select
              selectedOption={offered.find((o) => o.value === policy) ?? every}
              options={offered}
              onChange={(e) => setPolicy(e.detail.selectedOption.value!)}
            />
          </FormField>
        </Grid>
      </Container>
      <Report path={entityPath(organization, node)} policy={policy || undefined} />
    </SpaceBetween>
  );
}

function Report({ path, policy }: { path: string; policy: string | undefined }) {
  const report = useLoad((signal) => organizationAccess(path, policy, signal), [path, policy]);
  return (
    <ResourceTable<AccessDetail>
      noun="services"
      header="Services"
      description={report.data && <>{report.data.accessible} services allowed, {report.data.notAccessed} of them not accessed. Report of {showTime(report.data.made)}.</>}
      items={report.data?.details}
      loading={report.loading}
      error={report.error}
      onReload={report.reload}
      idOf={(d) => d.ServiceNamespace!}
      filterText={(d) => `${d.ServiceName} ${d.ServiceNamespace}`}
      pageSize={20}
      sortBy="time"
      descending
      empty="The policies allow no service."
      columns={[
        { id: "service", header: "Service", isRowHeader: true, sortingField: "ServiceName", cell: (d) => d.ServiceName },
        {
          id: "time",
          header: "Last accessed",
          sortingComparator: (a, b) => (a.LastAuthenticatedTime?.getTime() ?? 0) - (b.LastAuthenticatedTime?.getTime() ?? 0),
          cell: (d) => (d.LastAuthenticatedTime ? <span title={showTime(d.LastAuthenticatedTime)}>{ago(d.LastAuthenticatedTime)}</span> : never),
        },
        { id: "account", header: "Last accessed by account", cell: (d) => <Account path={d.EntityPath} /> },
        { id: "accounts", header: "Accounts", sortingField: "TotalAuthenticatedEntities", cell: (d) => d.TotalAuthenticatedEntities ?? 0 },
        { id: "region", header: "Region", cell: (d) => d.Region ?? "-" },
      ]}
    />
  );
}

function Account({ path }: { path: string | undefined }) {
  const id = path?.split("/").at(-1);
  return id ? <Link {...link(at("organizations", "targets", id))} onFollow={follow}>{id}</Link> : <>-</>;
}
