import type { EntityDetails, PolicyGrantingServiceAccess, ServiceLastAccessed, TrackedActionLastAccessed } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs, { type TabsProps } from "@cloudscape-design/components/tabs";
import { useSession } from "../session";
import { at, follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { ResourceTable } from "../shared/resource-table";
import { showTime } from "../shared/time";
import { accessedBy, never, policiesGranting, type AccessReport } from "./accessed";
import { EntityLink, entityOf, entityWords } from "./entity";

interface Props {
  arn: string;
  report: AccessReport;
  service: ServiceLastAccessed;
  /** More than one may have used it: the report is on a group or a policy. */
  many: boolean;
  onClose: () => void;
}

/** One service of a report: by which policies it is granted, who used it, which
 * of its actions. */
export function AccessedService({ arn, report, service, many, onClose }: Props) {
  const { account } = useSession()!;
  const tabs: TabsProps.Tab[] = [];
  if (entityOf(arn)?.kind !== "policy") tabs.push({ id: "policies", label: "Policies granting permissions", content: <Granting arn={arn} namespace={service.ServiceNamespace!} /> });
  if (many) tabs.push({ id: "entities", label: "Entities", content: <Entities job={report.job} namespace={service.ServiceNamespace!} account={account.id} /> });
  if (report.granularity === "ACTION_LEVEL") tabs.push({ id: "actions", label: "Actions", content: <Actions service={service} account={account.id} /> });
  return (
    <Modal
      visible
      size="large"
      header={service.ServiceName}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={<Box float="right"><Button variant="primary" onClick={onClose}>Close</Button></Box>}
    >
      <SpaceBetween size="m">
        <KeyValuePairs
          columns={3}
          items={[
            { label: "Last accessed", value: service.LastAuthenticated ? showTime(service.LastAuthenticated) : never },
            { label: "By", value: service.LastAuthenticatedEntity ? <EntityLink arn={service.LastAuthenticatedEntity} account={account.id} /> : "-" },
            { label: "Region", value: service.LastAuthenticatedRegion ?? "-" },
          ]}
        />
        {tabs.length > 1 ? <Tabs ariaLabel="Details of the service" tabs={tabs} /> : tabs[0]?.content}
      </SpaceBetween>
    </Modal>
  );
}

function Granting({ arn, namespace }: { arn: string; namespace: string }) {
  const policies = useLoad(() => policiesGranting(arn, namespace), [arn, namespace]);
  return (
    <ResourceTable<PolicyGrantingServiceAccess>
      noun="policies"
      header="Policies granting permissions"
      headerVariant="h3"
      variant="embedded"
      items={policies.data}
      loading={policies.loading}
      error={policies.error}
      onReload={policies.reload}
      idOf={(p) => p.PolicyArn ?? `${p.EntityType} ${p.EntityName} ${p.PolicyName}`}
      filterText={(p) => p.PolicyName!}
      empty="No policy of this account grants permissions of this service now."
      columns={[
        { id: "name", header: "Policy name", isRowHeader: true, sortingField: "PolicyName", cell: (p) => (p.PolicyArn ? <Link {...link(at("policies", p.PolicyArn))} onFollow={follow}>{p.PolicyName}</Link> : p.PolicyName) },
        { id: "type", header: "Type", cell: (p) => (p.PolicyType === "INLINE" ? "Inline" : "Managed") },
        { id: "from", header: "Of", cell: (p) => (p.EntityName ? <Link {...link(at(p.EntityType!.toLowerCase() + "s", p.EntityName))} onFollow={follow}>{p.EntityName}</Link> : "-") },
      ]}
    />
  );
}

function Entities({ job, namespace, account }: { job: string; namespace: string; account: string }) {
  const entities = useLoad(() => accessedBy(job, namespace), [job, namespace]);
  return (
    <ResourceTable<EntityDetails>
      noun="entities"
      header="Entities"
      headerVariant="h3"
      variant="embedded"
      description="The users and roles that the policies allow this service."
      items={entities.data}
      loading={entities.loading}
      error={entities.error}
      onReload={entities.reload}
      idOf={(e) => e.EntityInfo!.Arn!}
      filterText={(e) => e.EntityInfo!.Name!}
      empty="Nobody has these permissions."
      columns={[
        { id: "name", header: "Name", isRowHeader: true, cell: (e) => <EntityLink arn={e.EntityInfo!.Arn!} account={account} /> },
        { id: "type", header: "Type", cell: (e) => entityWords[e.EntityInfo!.Type!.toLowerCase() as "user"] },
        { id: "time", header: "Last accessed", cell: (e) => (e.LastAuthenticated ? showTime(e.LastAuthenticated) : never) },
      ]}
    />
  );
}

function Actions({ service, account }: { service: ServiceLastAccessed; account: string }) {
  return (
    <ResourceTable<TrackedActionLastAccessed>
      noun="actions"
      header="Actions"
      headerVariant="h3"
      variant="embedded"
      items={service.TrackedActionsLastAccessed ?? []}
      loading={false}
      idOf={(a) => a.ActionName!}
      filterText={(a) => a.ActionName!}
      pageSize={10}
      sortBy="time"
      descending
      empty={`No action of this service was used: ${never.toLowerCase()}.`}
      columns={[
        { id: "action", header: "Action", isRowHeader: true, sortingField: "ActionName", cell: (a) => a.ActionName },
        {
          id: "time",
          header: "Last accessed",
          sortingComparator: (a, b) => (a.LastAccessedTime?.getTime() ?? 0) - (b.LastAccessedTime?.getTime() ?? 0),
          cell: (a) => (a.LastAccessedTime ? showTime(a.LastAccessedTime) : never),
        },
        { id: "by", header: "By", cell: (a) => (a.LastAccessedEntity ? <EntityLink arn={a.LastAccessedEntity} account={account} /> : "-") },
        { id: "region", header: "Region", cell: (a) => a.LastAccessedRegion ?? "-" },
      ]}
    />
  );
}
