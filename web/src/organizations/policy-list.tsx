import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import { DeletePolicyCommand, type PolicySummary } from "@aws-sdk/client-organizations";
import { useState } from "react";
import { organizations } from "../aws";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { at, follow, href, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { ResourceTable } from "../shared/resource-table";
import { OnlyManagement } from "./only-management";
import { policyKind } from "./policy-types";
import { policiesOf } from "./target-policies";

/** The policies of one type. */
export default function PolicyListPage() {
  return (
    <OnlyManagement title="Organization policies" what="manage its policies" delegated>
      <PolicyList />
    </OnlyManagement>
  );
}

function PolicyList() {
  const type = useParam("type");
  const kind = policyKind(type);
  const list = useLoad(() => policiesOf(type), [type]);
  const [chosen, setChosen] = useState<PolicySummary[]>([]);
  const [deleting, setDeleting] = useState(false);
  const one = chosen[0];
  return (
    <Page title={kind.name} above={[["AWS accounts", "/organizations"], ["Organization policies", "/organizations/policies"]]} description={kind.description}>
      <ResourceTable<PolicySummary>
        noun="policies"
        header="Available policies"
        items={list.data}
        loading={list.loading}
        error={list.error}
        onReload={list.reload}
        idOf={(p) => p.Name!}
        selection="single"
        selected={chosen}
        onSelect={setChosen}
        isDisabled={(p) => p.AwsManaged === true}
        empty={<Box textAlign="center" padding="m">No policies. Create one, then attach it to a unit or an account.</Box>}
        actions={
          <>
            <ActionButton action="organizations:DeletePolicy" resource={one?.Arn} disabled={!one} disabledReason="Select a policy first" onClick={() => setDeleting(true)}>Delete</ActionButton>
            <ActionButton action="organizations:CreatePolicy" variant="primary" href={href(at("organizations", "policies", type, "create"))}>Create policy</ActionButton>
          </>
        }
        columns={[
          { id: "name", header: "Name", isRowHeader: true, sortingField: "Name", cell: (p) => <Link {...link(at("organizations", "policy", p.Id!))} onFollow={follow}>{p.Name}</Link> },
          { id: "kind", header: "Kind", cell: (p) => (p.AwsManaged ? "AWS managed" : "Customer managed") },
          { id: "description", header: "Description", cell: (p) => p.Description || "-" },
        ]}
      />
      {deleting && one && (
        <Confirm
          title={`Delete ${one.Name}?`}
          button="Delete"
          type={one.Name}
          work={async () => (await organizations()).send(new DeletePolicyCommand({ PolicyId: one.Id }))}
          onCancel={() => setDeleting(false)}
          onDone={() => {
            notify("success", `Policy ${one.Name} deleted.`);
            setDeleting(false);
            setChosen([]);
            list.reload();
          }}
        >
          A policy must be detached from everything before it is deleted.
        </Confirm>
      )}
    </Page>
  );
}
