import { paginateListGroups, paginateListRoles, paginateListUsers } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Select from "@cloudscape-design/components/select";
import { useEffect, useState } from "react";
import { iam } from "../aws";
import { listPolicies } from "../permissions/policies";
import { describe } from "../shared/errors";
import { collect, useLoad } from "../shared/load";
import { entityOf, entityWords, type EntityKind } from "./entity";

interface Props {
  kinds: EntityKind[];
  /** The ARN that is chosen. */
  value: string | undefined;
  onChange: (arn: string) => void;
}

/** Chooses a user, group, role or policy by its kind and its name. */
export function EntityPicker({ kinds, value, onChange }: Props) {
  const chosen = entityOf(value);
  const [kind, setKind] = useState<EntityKind>(chosen?.kind ?? kinds[0]!);
  useEffect(() => {
    if (chosen) setKind(chosen.kind); // as when one goes back
  }, [value]);
  const shown = chosen?.kind === kind ? value : undefined;
  const entities = useLoad(() => list(kind), [kind]);
  const found = entities.data?.find((e) => e.arn === shown);
  const word = entityWords[kind].toLowerCase();
  return (
    <Grid gridDefinition={[{ colspan: { default: 12, xs: 4 } }, { colspan: { default: 12, xs: 8 } }]}>
      <FormField label="Type" stretch>
        <Select
          selectedOption={{ value: kind, label: entityWords[kind] }}
          options={kinds.map((k) => ({ value: k, label: entityWords[k] }))}
          onChange={(e) => setKind(e.detail.selectedOption.value as EntityKind)}
        />
      </FormField>
      <FormField label="Name" stretch>
        <Select
          selectedOption={shown ? { value: shown, label: found?.name ?? chosen?.name ?? shown } : null}
          options={entities.data?.map((e) => ({ value: e.arn, label: e.name })) ?? []}
          placeholder={`Choose a ${word}`}
          empty={`No ${word} in this account`}
          filteringType="auto"
          filteringAriaLabel={`Search for a ${word}`}
          filteringPlaceholder={`Search for a ${word}`}
          noMatch="No matches"
          virtualScroll
          statusType={entities.error !== undefined ? "error" : entities.data ? "finished" : "loading"}
          loadingText="Loading"
          errorText={entities.error !== undefined ? describe(entities.error).message : undefined}
          recoveryText="Retry"
          onLoadItems={() => entities.error !== undefined && entities.reload()}
          onChange={(e) => onChange(e.detail.selectedOption.value!)}
        />
      </FormField>
    </Grid>
  );
}

interface Entity {
  arn: string;
  name: string;
}

async function list(kind: EntityKind): Promise<Entity[]> {
  const config = { client: iam(), pageSize: 1000 };
  const all =
    kind === "user" ? await collect(paginateListUsers(config, {}), (p) => p.Users?.map((u) => ({ arn: u.Arn!, name: u.UserName! })))
    : kind === "group" ? await collect(paginateListGroups(config, {}), (p) => p.Groups?.map((g) => ({ arn: g.Arn!, name: g.GroupName! })))
    : kind === "role" ? await collect(paginateListRoles(config, {}), (p) => p.Roles?.map((r) => ({ arn: r.Arn!, name: r.RoleName! })))
    : (await listPolicies()).map((p) => ({ arn: p.Arn!, name: p.PolicyName! }));
  return all.sort((a, b) => a.name.localeCompare(b.name));
}
