import { DisableOutboundWebIdentityFederationCommand, EnableOutboundWebIdentityFederationCommand, GetOutboundWebIdentityFederationInfoCommand } from "@aws-sdk/client-iam";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { Copy } from "../shared/copy";
import { describe, ErrorAlert } from "../shared/errors";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";

/** The account's issuer; "" while the federation is disabled. */
async function issuer(): Promise<string> {
  try {
    return (await iam().send(new GetOutboundWebIdentityFederationInfoCommand({}))).IssuerIdentifier ?? "";
  } catch (e) {
    if (/^FeatureDisabled/.test(describe(e).code)) return "";
    throw e;
  }
}

/** "Outbound identity federation": the account as an issuer of tokens. */
export function OutboundFederation() {
  const url = useLoad(issuer, []);
  const [asking, setAsking] = useState(false);
  const on = url.data !== undefined && url.data !== "";
  const change = () =>
    on ? iam().send(new DisableOutboundWebIdentityFederationCommand({})) : iam().send(new EnableOutboundWebIdentityFederationCommand({}));
  return (
    <Container
      header={
        <Header
          description="Lets users and roles of this account get signed tokens (JWT), by which services outside know them."
          actions={
            <ActionButton
              action={on ? "iam:DisableOutboundWebIdentityFederation" : "iam:EnableOutboundWebIdentityFederation"}
              disabled={url.data === undefined}
              ariaLabel={`${on ? "Disable" : "Enable"} outbound identity federation`}
              onClick={() => setAsking(true)}
            >
              {on ? "Disable" : "Enable"}
            </ActionButton>
          }
        >
          Outbound identity federation
        </Header>
      }
    >
      <SpaceBetween size="s">
        <ErrorAlert error={url.error} onRetry={url.reload} />
        {url.data !== undefined && (
          <KeyValuePairs
            columns={2}
            minColumnWidth={200}
            items={[
              { label: "Status", value: on ? <StatusIndicator>Enabled</StatusIndicator> : <StatusIndicator type="stopped">Disabled</StatusIndicator> },
              { label: "Token issuer URL", value: on ? <Copy text={url.data} label="Token issuer URL" /> : "-" },
            ]}
          />
        )}
      </SpaceBetween>
      {asking && (
        <Confirm
          title={on ? "Disable outbound identity federation?" : "Enable outbound identity federation?"}
          button={on ? "Disable" : "Enable"}
          warning={on ? "Nobody gets tokens any longer. Those that are out stay good until they end." : undefined}
          work={change}
          onDone={() => {
            setAsking(false);
            url.reload();
            notify("success", `Outbound identity federation ${on ? "disabled" : "enabled"}.`);
          }}
          onCancel={() => setAsking(false)}
        >
          {on
            ? "GetWebIdentityToken is refused to all users and roles of this account."
            : "The account gets an issuer of its own, with keys that sign tokens. Who may have tokens is for policies to say (sts:GetWebIdentityToken)."}
        </Confirm>
      )}
    </Container>
  );
}
