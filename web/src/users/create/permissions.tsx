import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import { GroupPicker } from "../../groups/group-picker";
import { BoundaryPicker } from "../../permissions/boundary-picker";
import { PolicyPicker } from "../../permissions/policy-picker";
import { UserPicker } from "../../permissions/user-picker";
import type { Draft, Way } from "./draft";

/** Step 2: what the user may do, and its boundary. All of it may be left out. */
export function SetPermissions({ draft, onChange }: { draft: Draft; onChange: (some: Partial<Draft>) => void }) {
  return (
    <SpaceBetween size="l">
      <Container header={<Header>Permissions options</Header>}>
        <Tiles
          ariaLabel="Permissions options"
          value={draft.way}
          onChange={(e) => onChange({ way: e.detail.value as Way })}
          items={[
            { value: "groups", label: "Add user to group", description: "Add user to an existing group, or create a new group. We recommend using groups to manage user permissions by job function." },
            { value: "copy", label: "Copy permissions", description: "Copy all group memberships, attached managed policies, and inline policies from an existing user." },
            { value: "policies", label: "Attach policies directly", description: "Attach a managed policy directly to a user. As a best practice, we recommend attaching policies to a group instead." },
          ]}
        />
      </Container>
      {draft.way === "groups" && <GroupPicker selected={draft.groups} onChange={(groups) => onChange({ groups })} />}
      {draft.way === "copy" && <UserPicker selected={draft.user} onChange={(user) => onChange({ user })} />}
      {draft.way === "policies" && <PolicyPicker selected={draft.policies} onChange={(policies) => onChange({ policies })} />}
      <ExpandableSection variant="container" headerText={<>Set permissions boundary - <i>optional</i></>} defaultExpanded={draft.boundary !== undefined}>
        <BoundaryPicker noun="user" value={draft.boundary} onChange={(boundary) => onChange({ boundary })} />
      </ExpandableSection>
    </SpaceBetween>
  );
}
