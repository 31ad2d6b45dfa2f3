import Box from "@cloudscape-design/components/box";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { ActionButton } from "../shared/action-button";
import { forgetAllowed, useAllowed, whyNot } from "../shared/allowed";
import { Confirm } from "../shared/confirm";
import { follow, href } from "../shared/link";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { ResourceTable } from "../shared/resource-table";
import { Boundary } from "./boundary";
import { PolicyName } from "./policy-name";
import type { PolicyTypeName } from "./policy-type";
import { deleteInline, detach, nounOf, pathOf, wordOf, type Principal } from "./principal";
import { loadRows, type Row } from "./rows";
import { fitsChoice, TypeFilter, type TypeChoice } from "./type-filter";

export type { Principal } from "./principal";

const types: PolicyTypeName[] = ["AWS managed", "AWS managed - job function", "Customer managed", "Customer inline"];

interface Props {
  principal: Principal;
  /** Is told when policies or the boundary have changed. */
  onChange?: () => void;
}

/** The Permissions tab of a user, a group or a role. */
export function PermissionsTab({ principal, onChange }: Props) {
  const { kind, name, arn } = principal;
  const [type, setType] = useState<TypeChoice>("All types");
  const [chosen, setChosen] = useState<Row[]>([]);
  const [removing, setRemoving] = useState(false);
  const rows = useLoad(() => loadRows(principal), [kind, name]);
  const changed = () => {
    setChosen([]);
    forgetAllowed();
    rows.reload();
    onChange?.();
  };
  return (
    <SpaceBetween size="l">
      <ResourceTable<Row>
        noun="policies"
        header="Permissions policies"
        description={kind === "user" ? "Permissions are defined by policies attached to the user directly or through groups." : "You can attach up to 10 managed policies."}
        items={rows.data?.filter((r) => fitsChoice(type, r.type))}
        loading={rows.loading}
        error={rows.error}
        onReload={rows.reload}
        idOf={(r) => r.id}
        labelOf={(r) => r.name + (r.group === undefined ? "" : ` of ${r.via}`)}
        filterText={(r) => r.name}
        filters={<TypeFilter value={type} onChange={setType} types={types} />}
        selection="multi"
        selected={chosen}
        onSelect={setChosen}
        isDisabled={(r) => r.group !== undefined}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <ActionButton
              action={chosen.some((r) => r.arn === undefined) ? `iam:Delete${nounOf[kind]}Policy` : `iam:Detach${nounOf[kind]}Policy`}
              resource={arn}
              disabled={chosen.length === 0}
              onClick={() => setRemoving(true)}
            >
              Remove
            </ActionButton>
            <AddPermissions principal={principal} />
          </SpaceBetween>
        }
        empty={
          <Box textAlign="center" padding="m" color="inherit">
            <SpaceBetween size="xs">
              <b>No permissions</b>
              <span>This {wordOf[kind]} has no policies. Choose Add permissions to give it some.</span>
            </SpaceBetween>
          </Box>
        }
        columns={[
          {
            id: "name",
            header: "Policy name",
            isRowHeader: true,
            minWidth: 260,
            verticalAlign: "top",
            sortingField: "name",
            cell: (r) => <PolicyName name={r.name} path={r.path} load={r.load} actions={r.arn === undefined && r.group === undefined && <EditInline row={r} principal={principal} />} />,
          },
          { id: "type", header: "Type", width: 200, verticalAlign: "top", sortingField: "type", cell: (r) => r.type },
          ...(kind === "user" ? [{ id: "via", header: "Attached via", width: 180, verticalAlign: "top" as const, sortingField: "via", cell: (r: Row) => r.via }] : []),
        ]}
      />
      {kind !== "group" && <Boundary principal={principal} onChange={onChange} />}
      {removing && (
        <Confirm
          title={chosen.length === 1 ? `Remove ${chosen[0]!.name}?` : `Remove ${chosen.length} policies?`}
          button="Remove"
          warning={chosen.some((r) => r.arn === undefined) && "Inline policies are deleted. That can't be undone."}
          work={async () => {
            for (const row of chosen) await (row.arn === undefined ? deleteInline(principal, row.name) : detach(principal, row.arn));
          }}
          onDone={() => {
            notify("success", chosen.length === 1 ? `Policy ${chosen[0]!.name} removed.` : `${chosen.length} policies removed.`);
            setRemoving(false);
            changed();
          }}
          onCancel={() => {
            setRemoving(false);
            changed(); // some may be gone before one was refused
          }}
        >
          <SpaceBetween size="xs">
            <span>The {wordOf[kind]} <b>{name}</b> loses the permissions of:</span>
            <ul>{chosen.map((r) => <li key={r.id}>{r.name} ({r.type})</li>)}</ul>
          </SpaceBetween>
        </Confirm>
      )}
    </SpaceBetween>
  );
}

function EditInline({ row, principal }: { row: Row; principal: Principal }) {
  return <ActionButton action={`iam:Put${nounOf[principal.kind]}Policy`} resource={principal.arn} href={href(row.path)}>Edit</ActionButton>;
}

function AddPermissions({ principal }: { principal: Principal }) {
  const noun = nounOf[principal.kind];
  const toAttach = `iam:Attach${noun}Policy`, toPut = `iam:Put${noun}Policy`;
  const mayAttach = useAllowed(toAttach, principal.arn), mayPut = useAllowed(toPut, principal.arn);
  // A user can be given permissions by groups too.
  const mayAdd = mayAttach || principal.kind === "user";
  return (
    <ButtonDropdown
      onItemFollow={follow}
      items={[
        { id: "add", text: principal.kind === "user" ? "Add permissions" : "Attach policies", href: href(pathOf(principal, "add-permissions")), disabled: !mayAdd, disabledReason: whyNot(toAttach) },
        { id: "inline", text: "Create inline policy", href: href(pathOf(principal, "inline-policies", "create")), disabled: !mayPut, disabledReason: whyNot(toPut) },
      ]}
    >
      Add permissions
    </ButtonDropdown>
  );
}
