import type { Policy } from "@aws-sdk/client-iam";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { detach, setBoundary } from "../permissions/principal";
import { ActionButton } from "../shared/action-button";
import { forgetAllowed } from "../shared/allowed";
import { Confirm } from "../shared/confirm";
import { at, href } from "../shared/link";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { listEntities, type Entity } from "./entities";
import { EntityTable, idOf } from "./entity-table";

/** The tab Entities attached: who has the policy, and whom it is the boundary of. */
export function EntitiesTab({ policy, onChange }: { policy: Policy; onChange: () => void }) {
  return (
    <SpaceBetween size="l">
      <Users policy={policy} boundary={false} onChange={onChange} />
      <Users policy={policy} boundary onChange={onChange} />
    </SpaceBetween>
  );
}

interface Props {
  policy: Policy;
  boundary: boolean;
  onChange: () => void;
}

function Users({ policy, boundary, onChange }: Props) {
  const arn = policy.Arn!;
  const entities = useLoad(() => listEntities(arn, boundary ? "PermissionsBoundary" : "PermissionsPolicy"), [arn, boundary]);
  const [chosen, setChosen] = useState<Entity[]>([]);
  const [asking, setAsking] = useState(false);
  const verb = boundary ? "Remove boundary" : "Detach";
  const changed = () => {
    setAsking(false);
    setChosen([]);
    forgetAllowed();
    entities.reload();
    onChange();
  };
  return (
    <>
      <EntityTable
        linked
        header={boundary ? "Attached as a permissions boundary" : "Attached as a permissions policy"}
        description={boundary ? "The policy controls the maximum permissions of these entities." : "These entities have the permissions of the policy."}
        empty={boundary ? "The policy is nobody's permissions boundary." : "The policy is attached to no entity."}
        entities={entities}
        kinds={boundary ? ["user", "role"] : ["user", "group", "role"]}
        selected={chosen}
        onSelect={setChosen}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <ActionButton action={actionOf(chosen[0], boundary)} disabled={chosen.length === 0} onClick={() => setAsking(true)}>{verb}</ActionButton>
            <ActionButton action={boundary ? "iam:PutRolePermissionsBoundary" : "iam:AttachRolePolicy"} href={href(at("policies", arn, boundary ? "set-boundary" : "attach"))}>
              {boundary ? "Set as boundary" : "Attach"}
            </ActionButton>
          </SpaceBetween>
        }
      />
      {asking && (
        <Confirm
          title={boundary ? "Remove permissions boundary?" : `Detach ${policy.PolicyName}?`}
          button={verb}
          warning={boundary && "Without the boundary, they have every permission that their policies grant."}
          work={async () => {
            for (const e of chosen) await (boundary ? setBoundary(e, undefined) : detach(e, arn));
          }}
          onDone={() => {
            notify("success", `${policy.PolicyName} ${boundary ? "is no longer the boundary of" : "detached from"} ${chosen.length === 1 ? idOf(chosen[0]!) : `${chosen.length} entities`}.`);
            changed();
          }}
          onCancel={changed}
        >
          <ul>{chosen.map((e) => <li key={idOf(e)}>{idOf(e)}</li>)}</ul>
        </Confirm>
      )}
    </>
  );
}

function actionOf(e: Entity | undefined, boundary: boolean): string {
  const noun = { user: "User", group: "Group", role: "Role" }[e?.kind ?? "role"];
  return boundary ? `iam:Delete${noun}PermissionsBoundary` : `iam:Detach${noun}Policy`;
}
