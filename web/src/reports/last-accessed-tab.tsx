import type { ServiceLastAccessed } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";
import { useSession } from "../session";
import { useLoad } from "../shared/load";
import { ResourceTable } from "../shared/resource-table";
import { ago, showTime } from "../shared/time";
import { accessReport, never, type Granularity } from "./accessed";
import { AccessedService } from "./accessed-service";
import { EntityLink, entityOf } from "./entity";

const choices = ["All services", "Accessed services", "Services not accessed"] as const;

/** What a user, group, role or policy may use, and when each service was used
 * last: the tab of its page. */
export function LastAccessedTab({ arn }: { arn: string }) {
  const { account } = useSession()!;
  const [granularity, setGranularity] = useState<Granularity>("SERVICE_LEVEL");
  const [choice, setChoice] = useState<(typeof choices)[number]>("All services");
  const [open, setOpen] = useState<ServiceLastAccessed>();
  const report = useLoad((signal) => accessReport(arn, granularity, signal), [arn, granularity]);
  const services = report.data?.services;
  const shown = services?.filter((s) => choice === "All services" || (s.LastAuthenticated !== undefined) === (choice === "Accessed services"));
  const many = entityOf(arn)?.kind === "group" || entityOf(arn)?.kind === "policy";
  const actions = granularity === "ACTION_LEVEL";
  return (
    <SpaceBetween size="s">
      <ResourceTable<ServiceLastAccessed>
        noun="services"
        header="Allowed services"
        description={
          <>
            The services that the policies allow, and when they were accessed last in the tracking period of 400 days.
            {report.data && <> Report of {showTime(report.data.made)}.</>}
          </>
        }
        items={shown}
        loading={report.loading}
        error={report.error}
        onReload={report.reload}
        idOf={(s) => s.ServiceNamespace!}
        filterText={(s) => `${s.ServiceName} ${s.ServiceNamespace}`}
        pageSize={20}
        sortBy="time"
        descending
        actions={
          <Toggle checked={actions} onChange={(e) => setGranularity(e.detail.checked ? "ACTION_LEVEL" : "SERVICE_LEVEL")}>
            Show actions
          </Toggle>
        }
        filters={
          <Select
            ariaLabel="Which services"
            selectedOption={{ value: choice, label: choice }}
            options={choices.map((value) => ({ value, label: value }))}
            onChange={(e) => setChoice(e.detail.selectedOption.value as typeof choice)}
          />
        }
        empty={
          services?.length ? undefined : (
            <SpaceBetween size="xs">
              <b>No services</b>
              <span>The policies grant access to no service. Attach a policy, then make the report again.</span>
            </SpaceBetween>
          )
        }
        columns={[
          {
            id: "service",
            header: "Service",
            isRowHeader: true,
            minWidth: 200,
            sortingField: "ServiceName",
            cell: (s) => (
              <Button variant="inline-link" onClick={() => setOpen(s)} ariaLabel={`${s.ServiceName}, details`}>
                {s.ServiceName}
              </Button>
            ),
          },
          {
            id: "time",
            header: "Last accessed",
            minWidth: 180,
            sortingComparator: (a, b) => (a.LastAuthenticated?.getTime() ?? 0) - (b.LastAuthenticated?.getTime() ?? 0),
            cell: (s) => (s.LastAuthenticated ? <span title={showTime(s.LastAuthenticated)}>{ago(s.LastAuthenticated)}</span> : <Box color="text-body-secondary">{never}</Box>),
          },
          { id: "by", header: "By", minWidth: 120, cell: (s) => (s.LastAuthenticatedEntity ? <EntityLink arn={s.LastAuthenticatedEntity} account={account.id} /> : "-") },
          { id: "region", header: "Region", minWidth: 110, sortingField: "LastAuthenticatedRegion", cell: (s) => s.LastAuthenticatedRegion ?? "-" },
          ...(many ? [{ id: "entities", header: "Entities", minWidth: 90, sortingField: "TotalAuthenticatedEntities" as const, cell: (s: ServiceLastAccessed) => s.TotalAuthenticatedEntities ?? 0 }] : []),
          ...(actions ? [{ id: "actions", header: "Actions accessed", minWidth: 130, cell: actionCount }] : []),
        ]}
      />
      {open && report.data && <AccessedService arn={arn} report={report.data} service={open} many={many} onClose={() => setOpen(undefined)} />}
    </SpaceBetween>
  );
}

function actionCount(s: ServiceLastAccessed): string {
  const all = s.TrackedActionsLastAccessed ?? [];
  return all.length === 0 ? "-" : `${all.filter((a) => a.LastAccessedTime).length} of ${all.length}`;
}
