import { GetAccountSummaryCommand, SetSecurityTokenServicePreferencesCommand, type GlobalEndpointTokenVersion } from "@aws-sdk/client-iam";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { EditDialog } from "../shared/edit-dialog";
import { ErrorAlert } from "../shared/errors";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";

const versions: Record<GlobalEndpointTokenVersion, string> = {
  v1Token: "Valid only in AWS Regions enabled by default",
  v2Token: "Valid in all AWS Regions",
};

async function tokenVersion(): Promise<GlobalEndpointTokenVersion> {
  const { SummaryMap } = await iam().send(new GetAccountSummaryCommand({}));
  return SummaryMap?.["GlobalEndpointTokenVersion"] === 2 ? "v2Token" : "v1Token";
}

/** "Security Token Service (STS)": where session tokens of the global endpoint are good. */
export function TokenVersion() {
  const version = useLoad(tokenVersion, []);
  const [wanted, setWanted] = useState<GlobalEndpointTokenVersion>();
  return (
    <Container
      header={
        <Header
          description="STS is used to create and provide trusted users with temporary security credentials that can control access to your AWS resources."
          actions={
            <ActionButton action="iam:SetSecurityTokenServicePreferences" disabled={version.data === undefined} ariaLabel="Change session tokens" onClick={() => setWanted(version.data)}>
              Change
            </ActionButton>
          }
        >
          Security Token Service (STS)
        </Header>
      }
    >
      <SpaceBetween size="s">
        <ErrorAlert error={version.error} onRetry={version.reload} />
        <KeyValuePairs
          items={[
            { label: "Session tokens from the global endpoint (https://sts.amazonaws.com)", value: version.data ? versions[version.data] : "-" },
          ]}
        />
      </SpaceBetween>
      {wanted && (
        <EditDialog
          title="Change session token compatibility"
          button="Save changes"
          ready={wanted !== version.data}
          work={() => iam().send(new SetSecurityTokenServicePreferencesCommand({ GlobalEndpointTokenVersion: wanted }))}
          onDone={() => {
            setWanted(undefined);
            version.reload();
            notify("success", "Session token compatibility changed.");
          }}
          onCancel={() => setWanted(undefined)}
        >
          <RadioGroup
            ariaLabel="Session tokens from the global endpoint"
            value={wanted}
            onChange={(e) => setWanted(e.detail.value as GlobalEndpointTokenVersion)}
            items={[
              { value: "v1Token", label: versions.v1Token },
              { value: "v2Token", label: versions.v2Token, description: "Such tokens are longer: systems that keep them must have room." },
            ]}
          />
        </EditDialog>
      )}
    </Container>
  );
}
