import { GetRolePolicyCommand, PutRolePolicyCommand, type Role } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { ErrorAlert, isMissing } from "../shared/errors";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { showTime } from "../shared/time";
import { plainDocument, revokedBefore, revokeDocument, revokeName } from "./trust";

async function lastRevoked(RoleName: string): Promise<string | undefined> {
  try {
    const { PolicyDocument } = await iam().send(new GetRolePolicyCommand({ RoleName, PolicyName: revokeName }));
    return revokedBefore(plainDocument(PolicyDocument));
  } catch (e) {
    if (isMissing(e)) return undefined;
    throw e;
  }
}

/** The server's time, in whole seconds and after now: a session of this very
 * second is revoked too, and a browser whose clock is wrong revokes no others. */
async function nextSecond(): Promise<Date> {
  const r = await fetch("/console/api/about", { credentials: "omit", cache: "no-store" }).catch(() => undefined);
  const told = Date.parse(r?.headers.get("date") ?? "");
  return new Date((Math.floor((Number.isNaN(told) ? Date.now() : told) / 1000) + 1) * 1000);
}

/** "Revoke sessions": ends what sessions that exist already may do. */
export function RevokeTab({ role, linked }: { role: Role; linked: boolean }) {
  const name = role.RoleName!;
  const [asking, setAsking] = useState(false);
  const last = useLoad(() => lastRevoked(name), [name]);
  const revoke = async () => {
    const PolicyDocument = revokeDocument(await nextSecond());
    await iam().send(new PutRolePolicyCommand({ RoleName: name, PolicyName: revokeName, PolicyDocument }));
  };
  return (
    <Container
      header={
        <Header
          description="Deny all permissions to the sessions of this role that exist now."
          actions={
            <ActionButton
              action="iam:PutRolePolicy"
              resource={role.Arn}
              disabled={linked}
              disabledReason="The sessions of a service-linked role can't be revoked"
              onClick={() => setAsking(true)}
            >
              Revoke active sessions
            </ActionButton>
          }
        >
          Revoke active sessions
        </Header>
      }
    >
      <SpaceBetween size="s">
        <ErrorAlert error={last.error} onRetry={last.reload} />
        <div>
          If you think that somebody has credentials of this role who should not, revoke its active sessions. It attaches an inline policy with the name <b>{revokeName}</b>, which
          denies everything to whoever assumed the role before now. Who assumes the role again later is not concerned; who can do that is for the trust policy to say.
        </div>
        {last.data && (
          <Alert type="info">
            Sessions that began before {showTime(last.data)} are revoked. To give them their permissions back, remove the policy {revokeName} on the Permissions tab.
          </Alert>
        )}
      </SpaceBetween>
      {asking && (
        <Confirm
          title="Revoke active sessions?"
          type={name}
          button="Revoke active sessions"
          warning="Persons and programs that use the role now are denied everything until they assume it again. They may lose unsaved work."
          work={revoke}
          onDone={() => {
            setAsking(false);
            last.reload();
            notify("success", `Active sessions of role ${name} are revoked.`);
          }}
          onCancel={() => setAsking(false)}
        >
          All sessions of <b className="break-anywhere">{name}</b> that began before now lose all permissions, by the inline policy {revokeName}.
        </Confirm>
      )}
    </Container>
  );
}
