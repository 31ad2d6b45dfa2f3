import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { ActionButton } from "../shared/action-button";
import { forgetAllowed } from "../shared/allowed";
import { Confirm } from "../shared/confirm";
import { ErrorAlert } from "../shared/errors";
import { at, href } from "../shared/link";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { nameOfPolicy } from "./attach";
import { policyDocument } from "./policies";
import { PolicyName } from "./policy-name";
import { typeOf } from "./policy-type";
import { findPrincipal, nounOf, pathOf, setBoundary, wordOf, type Principal } from "./principal";

/** The permissions boundary of a user or a role: what it is; set, change, remove. */
export function Boundary({ principal, onChange }: { principal: Principal; onChange?: () => void }) {
  const { kind, name, arn } = principal;
  const [removing, setRemoving] = useState(false);
  const found = useLoad(() => findPrincipal(kind, name), [kind, name]);
  const boundary = found.data?.boundary;
  const noun = nounOf[kind];
  return (
    <>
      <Container
        header={
          <Header
            counter={found.data && (boundary ? "(set)" : "(not set)")}
            description="Set a permissions boundary to control the maximum permissions this identity can have. It grants nothing itself."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {boundary && (
                  <ActionButton action={`iam:Delete${noun}PermissionsBoundary`} resource={arn} onClick={() => setRemoving(true)}>
                    Remove boundary
                  </ActionButton>
                )}
                <ActionButton action={`iam:Put${noun}PermissionsBoundary`} resource={arn} href={href(pathOf(principal, "permissions-boundary"))} disabled={!found.data}>
                  {boundary ? "Change boundary" : "Set permissions boundary"}
                </ActionButton>
              </SpaceBetween>
            }
          >
            Permissions boundary
          </Header>
        }
      >
        <ErrorAlert error={found.error} onRetry={found.reload} />
        {boundary && (
          <SpaceBetween size="xxs">
            <PolicyName name={nameOfPolicy(boundary)} path={at("policies", boundary)} load={() => policyDocument(boundary)} />
            <Box color="text-body-secondary" fontSize="body-s">{typeOf(boundary)}</Box>
          </SpaceBetween>
        )}
        {found.data && !boundary && <Box color="text-body-secondary">No boundary limits this {wordOf[kind]}.</Box>}
      </Container>
      {removing && boundary && (
        <Confirm
          title="Remove permissions boundary?"
          button="Remove boundary"
          warning={`Without the boundary, the ${wordOf[kind]} has every permission that its policies grant.`}
          work={() => setBoundary(principal, undefined)}
          onDone={() => {
            setRemoving(false);
            notify("success", `Permissions boundary removed from ${name}.`);
            forgetAllowed();
            found.reload();
            onChange?.();
          }}
          onCancel={() => setRemoving(false)}
        >
          The {wordOf[kind]} <b>{name}</b> is limited by <b>{nameOfPolicy(boundary)}</b>.
        </Confirm>
      )}
    </>
  );
}
