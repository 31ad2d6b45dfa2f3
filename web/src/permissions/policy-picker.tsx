import type { Policy } from "@aws-sdk/client-iam";
import { useMemo, useState, type ReactNode } from "react";
import { useLoad } from "../shared/load";
import { ResourceTable } from "../shared/resource-table";
import { listPolicies, policyDocument } from "./policies";
import { PolicyName } from "./policy-name";
import { typeOf, type PolicyTypeName } from "./policy-type";
import { fitsChoice, TypeFilter, type TypeChoice } from "./type-filter";

interface Props {
  /** ARNs. */
  selected: string[];
  onChange: (arns: string[]) => void;
  /** ARNs that are not offered: what is attached already. */
  without?: string[];
  single?: boolean;
  header?: string;
  headerVariant?: "h2" | "h3";
  description?: ReactNode;
  actions?: ReactNode;
}

const types: PolicyTypeName[] = ["AWS managed", "AWS managed - job function", "Customer managed"];

/** All managed policies, to choose some, or one: by name, and by type. */
export function PolicyPicker({ selected, onChange, without, single, header = "Permissions policies", headerVariant, description, actions }: Props) {
  const [type, setType] = useState<TypeChoice>("All types");
  const policies = useLoad(listPolicies, []);
  const offered = useMemo(() => {
    const not = new Set(without);
    return policies.data?.filter((p) => !not.has(p.Arn!));
  }, [policies.data, without]);
  const shown = useMemo(() => offered?.filter((p) => fitsChoice(type, typeOf(p.Arn!))), [offered, type]);
  const chosen = useMemo(() => offered?.filter((p) => selected.includes(p.Arn!)) ?? [], [offered, selected]);
  return (
    <ResourceTable<Policy>
      noun="policies"
      header={header}
      headerVariant={headerVariant}
      description={description}
      actions={actions}
      items={shown}
      loading={policies.loading}
      error={policies.error}
      onReload={policies.reload}
      idOf={(p) => p.Arn!}
      labelOf={(p) => p.PolicyName!}
      filterText={(p) => p.PolicyName!}
      filters={<TypeFilter value={type} onChange={setType} types={types} />}
      selection={single ? "single" : "multi"}
      selected={chosen}
      onSelect={(items) => onChange(items.map((p) => p.Arn!))}
      pageSize={20}
      columns={policyColumns}
    />
  );
}

const policyColumns = [
  {
    id: "name",
    header: "Policy name",
    isRowHeader: true,
    minWidth: 240,
    verticalAlign: "top" as const,
    sortingComparator: (a: Policy, b: Policy) => a.PolicyName!.localeCompare(b.PolicyName!),
    cell: (p: Policy) => <PolicyName name={p.PolicyName!} load={() => policyDocument(p.Arn!, p.DefaultVersionId)} />,
  },
  {
    id: "type",
    header: "Type",
    width: 200,
    verticalAlign: "top" as const,
    sortingComparator: (a: Policy, b: Policy) => typeOf(a.Arn!).localeCompare(typeOf(b.Arn!)),
    cell: (p: Policy) => typeOf(p.Arn!),
  },
  {
    id: "attached",
    header: "Attached entities",
    width: 160,
    verticalAlign: "top" as const,
    sortingComparator: (a: Policy, b: Policy) => (a.AttachmentCount ?? 0) - (b.AttachmentCount ?? 0),
    cell: (p: Policy) => p.AttachmentCount ?? 0,
  },
];
