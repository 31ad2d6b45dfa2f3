import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {
  AttachPolicyCommand, DetachPolicyCommand, paginateListPolicies, paginateListPoliciesForTarget, type PolicySummary, type PolicyType,
} from "@aws-sdk/client-organizations";
import { useState } from "react";
import { organizations } from "../aws";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { at, follow, href, link } from "../shared/link";
import { collect, useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { ResourceTable } from "../shared/resource-table";
import { FormDialog } from "./dialogs";
import { policyKind, type PolicyKind } from "./policy-types";
import { loadRoots, type Node } from "./tree";

/** The types that are enabled in the organization. */
export async function enabledKinds(): Promise<PolicyKind[]> {
  const [root] = await loadRoots();
  return (root?.PolicyTypes ?? []).filter((t) => t.Status === "ENABLED").map((t) => policyKind(t.Type!));
}

export async function policiesOf(type: string, target?: string): Promise<PolicySummary[]> {
  const client = await organizations();
  const Filter = type as PolicyType;
  return target === undefined
    ? collect(paginateListPolicies({ client }, { Filter }), (p) => p.Policies)
    : collect(paginateListPoliciesForTarget({ client }, { Filter, TargetId: target }), (p) => p.Policies);
}

/** What is attached to a root, unit or account itself, by type. */
export function TargetPolicies({ node }: { node: Node }) {
  const kinds = useLoad(enabledKinds, []);
  if (kinds.data?.length === 0) {
    return (
      <Alert type="info">
        No type of policy is enabled. <Link {...link("/organizations/policies")} onFollow={follow}>Enable service control policies</Link> first.
      </Alert>
    );
  }
  return (
    <SpaceBetween size="l">
      {(kinds.data ?? []).map((kind) => (
        <OfKind key={kind.type} kind={kind} node={node} />
      ))}
    </SpaceBetween>
  );
}

function OfKind({ kind, node }: { kind: PolicyKind; node: Node }) {
  const attached = useLoad(() => policiesOf(kind.type, node.id), [kind.type, node.id]);
  const [chosen, setChosen] = useState<PolicySummary[]>([]);
  const [dialog, setDialog] = useState<"attach" | "detach">();
  const done = () => {
    setDialog(undefined);
    setChosen([]);
    attached.reload();
  };
  const one = chosen[0];
  return (
    <>
      <ResourceTable<PolicySummary>
        noun="policies"
        header={kind.name}
        description="Attached here. What comes from above is under In effect."
        items={attached.data}
        loading={attached.loading}
        error={attached.error}
        onReload={attached.reload}
        idOf={(p) => p.Name!}
        selection="single"
        selected={chosen}
        onSelect={setChosen}
        empty={<Box textAlign="center" padding="m">None attached.</Box>}
        actions={
          <>
            <ActionButton
              action="organizations:DetachPolicy" resource={node.arn} disabled={!one} onClick={() => setDialog("detach")}
              disabledReason="Select a policy first" ariaLabel={`Detach ${kind.one}`}
            >
              Detach
            </ActionButton>
            <ActionButton action="organizations:CreatePolicy" href={href(at("organizations", "policies", kind.type, "create"))} ariaLabel={`Create ${kind.one}`}>Create policy</ActionButton>
            <ActionButton action="organizations:AttachPolicy" resource={node.arn} onClick={() => setDialog("attach")} ariaLabel={`Attach ${kind.one}`}>Attach</ActionButton>
          </>
        }
        columns={[
          { id: "name", header: "Name", isRowHeader: true, sortingField: "Name", cell: (p) => <Link {...link(at("organizations", "policy", p.Id!))} onFollow={follow}>{p.Name}</Link> },
          { id: "kind", header: "Kind", cell: (p) => (p.AwsManaged ? "AWS managed" : "Customer managed") },
          { id: "description", header: "Description", cell: (p) => p.Description || "-" },
        ]}
      />
      {dialog === "attach" && <Attach kind={kind} node={node} attached={attached.data ?? []} onDone={done} onCancel={() => setDialog(undefined)} />}
      {dialog === "detach" && one && (
        <Confirm
          title={`Detach ${one.Name} from ${node.name}?`}
          button="Detach policy"
          work={async () => (await organizations()).send(new DetachPolicyCommand({ PolicyId: one.Id, TargetId: node.id }))}
          onCancel={() => setDialog(undefined)}
          onDone={() => {
            notify("success", `${one.Name} detached from ${node.name}.`);
            done();
          }}
        >
          It no longer binds {node.kind === "account" ? "the account" : "the accounts below"} from here.
        </Confirm>
      )}
    </>
  );
}

function Attach({ kind, node, attached, onDone, onCancel }: { kind: PolicyKind; node: Node; attached: PolicySummary[]; onDone: () => void; onCancel: () => void }) {
  const list = useLoad(() => policiesOf(kind.type), [kind.type]);
  const [id, setId] = useState<string>();
  const free = (list.data ?? []).filter((p) => !attached.some((a) => a.Id === p.Id));
  const option = (p?: PolicySummary) => (p ? { value: p.Id!, label: p.Name, description: p.Description || undefined } : null);
  const chosen = free.find((p) => p.Id === id);
  return (
    <FormDialog
      title={`Attach a ${kind.one} to ${node.name}`}
      button="Attach policy"
      good={chosen !== undefined}
      said={`${chosen?.Name} attached to ${node.name}.`}
      work={async () => (await organizations()).send(new AttachPolicyCommand({ PolicyId: id, TargetId: node.id }))}
      onDone={onDone}
      onCancel={onCancel}
    >
      <FormField label="Policy">
        <Select
          selectedOption={option(chosen)}
          options={free.map((p) => option(p)!)}
          filteringType="auto"
          placeholder="Choose a policy"
          statusType={list.loading ? "loading" : list.error !== undefined ? "error" : "finished"}
          empty="All policies are attached already. Create another one first."
          onChange={(e) => setId(e.detail.selectedOption.value)}
        />
      </FormField>
    </FormDialog>
  );
}
