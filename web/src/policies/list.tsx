import type { Policy } from "@aws-sdk/client-iam";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { listPolicies, policyDocument } from "../permissions/policies";
import { PolicyName } from "../permissions/policy-name";
import { isAwsManaged, typeOf, type PolicyTypeName } from "../permissions/policy-type";
import { fitsChoice, TypeFilter, type TypeChoice } from "../permissions/type-filter";
import { ActionButton } from "../shared/action-button";
import { useAllowed, whyNot } from "../shared/allowed";
import { at, follow, href, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { ResourceTable } from "../shared/resource-table";
import { DeletePolicy } from "./delete-policy";
import { Description } from "./description";
import { usedAs } from "./used-as";

const types: PolicyTypeName[] = ["AWS managed", "AWS managed - job function", "Customer managed"];

const byName = (a: Policy, b: Policy) => a.PolicyName!.localeCompare(b.PolicyName!);
const byType = (a: Policy, b: Policy) => typeOf(a.Arn!).localeCompare(typeOf(b.Arn!));
const byUses = (a: Policy, b: Policy) => uses(a) - uses(b);

/** All managed policies: AWS's, and the account's own. */
export default function Policies() {
  const [type, setType] = useState<TypeChoice>("All types");
  const [chosen, setChosen] = useState<Policy>();
  const [deleting, setDeleting] = useState<Policy>();
  const policies = useLoad(listPolicies, []);
  const shown = useMemo(() => policies.data?.filter((p) => fitsChoice(type, typeOf(p.Arn!))), [policies.data, type]);
  return (
    <Page title="Policies" description="A policy is an object in AWS that defines permissions.">
      <ResourceTable<Policy>
        noun="policies"
        header="Policies"
        items={shown}
        loading={policies.loading}
        error={policies.error}
        onReload={policies.reload}
        idOf={(p) => p.Arn!}
        labelOf={(p) => p.PolicyName!}
        filterText={(p) => p.PolicyName!}
        filters={<TypeFilter value={type} onChange={setType} types={types} />}
        selection="single"
        selected={chosen ? [chosen] : []}
        onSelect={(items) => setChosen(items[0])}
        pageSize={20}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Actions policy={chosen} onDelete={() => setDeleting(chosen)} />
            <ActionButton variant="primary" action="iam:CreatePolicy" href={href("/policies/create")}>Create policy</ActionButton>
          </SpaceBetween>
        }
        empty={
          type === "Customer managed" && (
            <SpaceBetween size="xs">
              <b>No policies</b>
              <span>This account has no policies of its own. <Link {...link("/policies/create")} onFollow={follow}>Create a policy</Link></span>
            </SpaceBetween>
          )
        }
        columns={[
          {
            id: "name",
            header: "Policy name",
            isRowHeader: true,
            minWidth: 280,
            verticalAlign: "top",
            sortingComparator: byName,
            cell: (p) => <PolicyName name={p.PolicyName!} path={at("policies", p.Arn!)} load={() => policyDocument(p.Arn!, p.DefaultVersionId)} />,
          },
          { id: "type", header: "Type", width: 150, verticalAlign: "top", sortingComparator: byType, cell: (p) => typeOf(p.Arn!) },
          { id: "used", header: "Used as", width: 170, verticalAlign: "top", sortingComparator: byUses, cell: usedAs },
          { id: "description", header: "Description", minWidth: 120, verticalAlign: "top", cell: (p) => <Description policy={p} /> },
        ]}
      />
      {deleting && (
        <DeletePolicy
          policy={deleting}
          onCancel={() => setDeleting(undefined)}
          onDone={() => {
            notify("success", `Policy ${deleting.PolicyName} deleted.`);
            setDeleting(undefined);
            setChosen(undefined);
            policies.reload();
          }}
        />
      )}
    </Page>
  );
}

function uses(p: Policy): number {
  return (p.AttachmentCount ?? 0) + (p.PermissionsBoundaryUsageCount ?? 0);
}

function Actions({ policy, onDelete }: { policy: Policy | undefined; onDelete: () => void }) {
  const arn = policy?.Arn ?? "*";
  const mayAttach = [useAllowed("iam:AttachUserPolicy"), useAllowed("iam:AttachGroupPolicy"), useAllowed("iam:AttachRolePolicy")].some(Boolean);
  const mayEdit = useAllowed("iam:CreatePolicyVersion", arn);
  const mayDelete = useAllowed("iam:DeletePolicy", arn);
  const own = policy !== undefined && !isAwsManaged(arn);
  return (
    <ButtonDropdown
      disabled={policy === undefined}
      disabledReason="Select a policy first"
      onItemFollow={follow}
      onItemClick={(e) => e.detail.id === "delete" && onDelete()}
      items={[
        { id: "attach", text: "Attach", href: href(at("policies", arn, "attach")), disabled: !mayAttach, disabledReason: whyNot("iam:AttachRolePolicy") },
        { id: "edit", text: "Edit", href: href(at("policies", arn, "edit")), disabled: !own || !mayEdit, disabledReason: own ? whyNot("iam:CreatePolicyVersion") : "AWS managed policies can't be edited" },
        { id: "delete", text: "Delete", disabled: !own || !mayDelete, disabledReason: own ? whyNot("iam:DeletePolicy") : "AWS managed policies can't be deleted" },
      ]}
    >
      Actions
    </ButtonDropdown>
  );
}
