import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import { useState, type ReactNode } from "react";
import { pathOf, type Kind } from "../permissions/principal";
import { follow, link } from "../shared/link";
import type { Loaded } from "../shared/load";
import { ResourceTable } from "../shared/resource-table";
import "../permissions/permissions.css";
import { kindNames, type Entity } from "./entities";

interface Props {
  header: string;
  description?: string;
  entities: Loaded<Entity[]>;
  kinds: Kind[];
  selected: Entity[];
  onSelect: (entities: Entity[]) => void;
  actions?: ReactNode;
  empty: string;
  /** Names lead to pages; not where leaving would lose a choice. */
  linked?: boolean;
}

export function idOf(e: Entity): string {
  return `${e.kind} ${e.name}`;
}

/** Users, groups and roles, to choose some. */
export function EntityTable({ header, description, entities, kinds, selected, onSelect, actions, empty, linked }: Props) {
  const options = [{ value: "", label: "All types" }, ...kinds.map((k) => ({ value: k, label: kindNames[k] }))];
  const [kind, setKind] = useState("");
  return (
    <ResourceTable<Entity>
      noun="entities"
      header={header}
      description={description}
      items={entities.data?.filter((e) => kind === "" || e.kind === kind)}
      loading={entities.loading}
      error={entities.error}
      onReload={entities.reload}
      idOf={idOf}
      filterText={(e) => e.name}
      filters={
        <div className="policy-filter">
          <Select
            ariaLabel="Filter by Entity type"
            options={options}
            selectedOption={options.find((o) => o.value === kind)!}
            onChange={(e) => setKind(e.detail.selectedOption.value ?? "")}
          />
        </div>
      }
      selection="multi"
      selected={selected}
      onSelect={onSelect}
      actions={actions}
      empty={empty}
      pageSize={20}
      columns={[
        {
          id: "name",
          header: "Entity name",
          isRowHeader: true,
          sortingField: "name",
          cell: (e) => (linked ? <Link {...link(pathOf(e))} onFollow={follow}><span className="break-anywhere">{e.name}</span></Link> : <span className="break-anywhere">{e.name}</span>),
        },
        { id: "kind", header: "Entity type", width: 200, sortingField: "kind", cell: (e) => kindNames[e.kind] },
      ]}
    />
  );
}
