import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { DisablePolicyTypeCommand, EnablePolicyTypeCommand, type PolicyType } from "@aws-sdk/client-organizations";
import { useState } from "react";
import { organizations } from "../aws";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { at, follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { ResourceTable } from "../shared/resource-table";
import { OnlyManagement } from "./only-management";
import { policyKinds, type PolicyKind } from "./policy-types";
import { enabledKinds } from "./target-policies";
import { loadRoots } from "./tree";

type Row = PolicyKind & { enabled: boolean };

/** The types of organization policies: which are enabled. */
export default function PolicyTypesPage() {
  return (
    <OnlyManagement title="Organization policies" what="manage its policies" delegated>
      <PolicyTypes />
    </OnlyManagement>
  );
}

function PolicyTypes() {
  const enabled = useLoad(enabledKinds, []);
  const [asked, setAsked] = useState<Row>();
  const rows = enabled.data && policyKinds.map((k): Row => ({ ...k, enabled: enabled.data!.some((e) => e.type === k.type) }));
  return (
    <Page title="Organization policies" above={[["AWS accounts", "/organizations"]]} description="Policies that bind the accounts of your organization.">
      <ResourceTable<Row>
        noun="policy types"
        header="Policy types"
        items={rows}
        loading={enabled.loading}
        error={enabled.error}
        onReload={enabled.reload}
        idOf={(k) => k.name}
        pageSize={20}
        columns={[
          { id: "name", header: "Policy type", isRowHeader: true, cell: (k) => (k.enabled ? <Link {...link(at("organizations", "policies", k.type))} onFollow={follow}>{k.name}</Link> : k.name) },
          { id: "description", header: "What it says", minWidth: 160, cell: (k) => k.description },
          { id: "status", header: "Status", minWidth: 130, cell: (k) => <StatusIndicator type={k.enabled ? "success" : "stopped"}>{k.enabled ? "Enabled" : "Disabled"}</StatusIndicator> },
          {
            id: "do", header: "Actions", minWidth: 110,
            cell: (k) => (
              <ActionButton
                variant="inline-link" action={k.enabled ? "organizations:DisablePolicyType" : "organizations:EnablePolicyType"}
                ariaLabel={`${k.enabled ? "Disable" : "Enable"} ${k.name}`} onClick={() => setAsked(k)}
              >
                {k.enabled ? "Disable" : "Enable"}
              </ActionButton>
            ),
          },
        ]}
      />
      {asked && (
        <Confirm
          title={`${asked.enabled ? "Disable" : "Enable"} ${asked.name}?`}
          button={asked.enabled ? "Disable" : "Enable"}
          type={asked.enabled ? "disable" : undefined}
          work={async () => {
            const [root] = await loadRoots();
            const client = await organizations();
            const input = { RootId: root!.Id, PolicyType: asked.type as PolicyType };
            await (asked.enabled ? client.send(new DisablePolicyTypeCommand(input)) : client.send(new EnablePolicyTypeCommand(input)));
          }}
          onCancel={() => setAsked(undefined)}
          onDone={() => {
            notify("success", `${asked.name} ${asked.enabled ? "disabled" : "enabled"}.`);
            setAsked(undefined);
            enabled.reload();
          }}
        >
          {asked.enabled
            ? "All policies of this type are detached from everything, and bind nobody any more."
            : "Policies of this type can then be attached to the root, to units and to accounts."}
        </Confirm>
      )}
    </Page>
  );
}
