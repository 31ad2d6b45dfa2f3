import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { ActionButton } from "../shared/action-button";
import { ErrorAlert } from "../shared/errors";
import { go } from "../shared/link";
import { useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { attachAll } from "./attach";
import { PolicyPicker } from "./policy-picker";
import { listOf, nounOf, pathOf, wordOf, type Principal } from "./principal";

/** Attaches policies to a group or a role. */
export function AttachPolicies({ principal, without }: { principal: Principal; without?: string[] }) {
  const { kind, name, arn } = principal;
  const [arns, setArns] = useState<string[]>([]);
  const { busy, error, run } = useWork();
  const back = pathOf(principal);
  const save = async () => {
    if (!(await run(() => attachAll(principal, arns)))) return;
    notify("success", arns.length === 1 ? `Policy attached to ${wordOf[kind]} ${name}.` : `${arns.length} policies attached to ${wordOf[kind]} ${name}.`);
    go(back);
  };
  return (
    <Page title={kind === "role" ? `Attach policy to ${name}` : "Attach permission policies"} above={[listOf[kind], [name, back]]}>
      <PolicyPicker header="Other permissions policies" without={without} selected={arns} onChange={setArns} />
      <ErrorAlert error={error} />
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={() => go(back)}>Cancel</Button>
          <ActionButton variant="primary" action={`iam:Attach${nounOf[kind]}Policy`} resource={arn} loading={busy} disabled={arns.length === 0} onClick={save}>
            {kind === "role" ? "Add permissions" : "Attach policies"}
          </ActionButton>
        </SpaceBetween>
      </Box>
    </Page>
  );
}
