import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { NotFound } from "../not-found";
import { ActionButton } from "../shared/action-button";
import { forgetAllowed } from "../shared/allowed";
import { ErrorAlert } from "../shared/errors";
import { go } from "../shared/link";
import { useLoad, useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { nameOfPolicy } from "./attach";
import { BoundaryTable } from "./boundary-picker";
import { Missing } from "./missing";
import { findPrincipal, kindOf, listOf, nounOf, pathOf, setBoundary, wordOf, type Kind } from "./principal";

/** "/users/Bob/permissions-boundary": sets the boundary, or changes it. */
export default function BoundaryPage() {
  const kind = kindOf(useParam("kind"));
  const name = useParam("name");
  return kind === undefined || kind === "group" ? <NotFound /> : <Choose kind={kind} name={name} />;
}

function Choose({ kind, name }: { kind: Kind; name: string }) {
  const found = useLoad(() => findPrincipal(kind, name), [kind, name]);
  const [arn, setArn] = useState<string>();
  const { busy, error, run } = useWork();
  const before = found.data?.boundary;
  const chosen = arn ?? before;
  const back = pathOf({ kind, name });
  const save = async () => {
    if (!(await run(() => setBoundary({ kind, name }, chosen)))) return;
    forgetAllowed();
    notify("success", `Permissions boundary ${nameOfPolicy(chosen!)} set for ${name}.`);
    go(back);
  };
  if (found.error !== undefined) return <Missing kind={kind} name={name} error={found.error} onRetry={found.reload} />;
  return (
    <Page
      title={before ? "Change permissions boundary" : "Set permissions boundary"}
      above={[listOf[kind], [name, back]]}
      description={`The policy controls the maximum permissions that the ${wordOf[kind]} ${name} can have.`}
    >
      <BoundaryTable headerVariant="h2" value={chosen} onChange={setArn} />
      <ErrorAlert error={error} />
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={() => go(back)}>Cancel</Button>
          <ActionButton
            variant="primary"
            action={`iam:Put${nounOf[kind]}PermissionsBoundary`}
            resource={found.data?.arn}
            loading={busy}
            disabled={!chosen || chosen === before}
            onClick={save}
          >
            {before ? "Change boundary" : "Set boundary"}
          </ActionButton>
        </SpaceBetween>
      </Box>
    </Page>
  );
}
