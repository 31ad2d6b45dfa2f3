import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useLocation } from "wouter";
import { nameOfPolicy } from "../permissions/attach";
import { attach, setBoundary } from "../permissions/principal";
import { forgetAllowed } from "../shared/allowed";
import { ErrorAlert } from "../shared/errors";
import { at, go } from "../shared/link";
import { useLoad, useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { allEntities, listEntities, type Entity } from "./entities";
import { EntityTable, idOf } from "./entity-table";

/** "/policies/ARN/attach" and "/policies/ARN/set-boundary": gives the policy to some. */
export default function AttachPage() {
  const arn = useParam("arn");
  const boundary = useLocation()[0].endsWith("/set-boundary");
  const name = nameOfPolicy(arn);
  const back = at("policies", arn);
  const [chosen, setChosen] = useState<Entity[]>([]);
  const { busy, error, run } = useWork();
  const entities = useLoad(async () => {
    const [all, have] = await Promise.all([allEntities(!boundary), listEntities(arn, boundary ? "PermissionsBoundary" : "PermissionsPolicy")]);
    const not = new Set(have.map(idOf));
    return all.filter((e) => !not.has(idOf(e)));
  }, [arn, boundary]);
  const save = async () => {
    const good = await run(async () => {
      for (const e of chosen) {
        await (boundary ? setBoundary(e, arn) : attach(e, arn));
        setChosen((c) => c.filter((x) => x !== e)); // when the next is refused, it need not be done again
      }
    });
    forgetAllowed();
    if (!good) return entities.reload();
    notify("success", `${name} ${boundary ? "set as the boundary of" : "attached to"} ${chosen.length === 1 ? idOf(chosen[0]!) : `${chosen.length} entities`}.`);
    go(back);
  };
  return (
    <Page title={boundary ? "Set as permissions boundary" : "Attach as a permissions policy"} above={[["Policies", "/policies"], [name, back]]}>
      <EntityTable
        header="IAM entities"
        description={boundary ? `${name} will control the maximum permissions of those that you select. It takes the place of a boundary that they have.` : `Those that you select get the permissions of ${name}.`}
        empty="There is no user, group or role that does not have the policy."
        entities={entities}
        kinds={boundary ? ["user", "role"] : ["user", "group", "role"]}
        selected={chosen}
        onSelect={setChosen}
      />
      <ErrorAlert error={error} />
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={() => go(back)}>Cancel</Button>
          <Button variant="primary" loading={busy} disabled={chosen.length === 0} onClick={save}>{boundary ? "Set as boundary" : "Attach policy"}</Button>
        </SpaceBetween>
      </Box>
    </Page>
  );
}
