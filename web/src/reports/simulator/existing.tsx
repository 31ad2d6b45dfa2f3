import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { PolicyName } from "../../permissions/policy-name";
import type { Loaded } from "../../shared/load";
import { ResourceTable } from "../../shared/resource-table";
import { EntityPicker } from "../entity-picker";
import type { Source } from "./sources";

interface Props {
  principal: string | undefined;
  onPrincipal: (arn: string) => void;
  sources: Loaded<Source[]>;
  left: string[];
  onLeft: (keys: string[]) => void;
  organization: boolean;
  onOrganization: (on: boolean) => void;
}

/** Whose policies are simulated, and which of them. */
export function Existing({ principal, onPrincipal, sources, left, onLeft, organization, onOrganization }: Props) {
  const all = sources.data ?? [];
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" description="The user, user group or role whose policies are asked.">Users, groups, and roles</Header>}>
        <EntityPicker kinds={["user", "group", "role"]} value={principal} onChange={onPrincipal} />
      </Container>
      {principal && (
        <ResourceTable<Source>
          noun="policies"
          header="Policies"
          description="Policies that are not selected are left out of the simulation. Nothing is changed by that."
          items={sources.data}
          loading={sources.loading}
          error={sources.error}
          onReload={sources.reload}
          idOf={(s) => s.key}
          labelOf={(s) => s.name}
          filterText={(s) => s.name}
          selection="multi"
          selected={all.filter((s) => !left.includes(s.key))}
          onSelect={(chosen) => onLeft(all.filter((s) => !chosen.some((c) => c.key === s.key)).map((s) => s.key))}
          pageSize={10}
          empty="No policies: nothing is allowed. Attach a policy, or simulate a new one."
          columns={[
            { id: "name", header: "Policy name", isRowHeader: true, minWidth: 220, verticalAlign: "top", sortingField: "name", cell: (s) => <PolicyName name={s.name} load={s.document} /> },
            { id: "type", header: "Type", width: 200, verticalAlign: "top", sortingField: "type", cell: (s) => s.type },
            { id: "from", header: "Attached via", width: 180, verticalAlign: "top", cell: (s) => (s.groups.length > 0 ? `Group ${s.groups.join(", ")}` : s.boundary ? "Permissions boundary" : "Directly") },
          ]}
        />
      )}
      {principal && (
        <Box>
          <Checkbox checked={organization} onChange={(e) => onOrganization(e.detail.checked)} description="When the account is in an organization: service and resource control policies.">
            Include the organization&apos;s control policies
          </Checkbox>
        </Box>
      )}
    </SpaceBetween>
  );
}
