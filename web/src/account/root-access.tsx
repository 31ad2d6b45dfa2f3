import {
  DisableOrganizationsRootCredentialsManagementCommand,
  DisableOrganizationsRootSessionsCommand,
  EnableOrganizationsRootCredentialsManagementCommand,
  EnableOrganizationsRootSessionsCommand,
  ListOrganizationsFeaturesCommand,
  type FeatureType,
} from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { iam, organizations } from "../aws";
import { useSession } from "../session";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { describe, ErrorAlert } from "../shared/errors";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";

const trusted = "iam.amazonaws.com"; // the service that the organization must trust

interface Feature {
  id: FeatureType;
  name: string;
  description: string;
  enable: () => Promise<unknown>;
  disable: () => Promise<unknown>;
}

const features: Feature[] = [
  {
    id: "RootCredentialsManagement",
    name: "Root credentials management",
    description: "Delete the root user credentials of member accounts, and allow them to be recovered.",
    enable: () => iam().send(new EnableOrganizationsRootCredentialsManagementCommand({})),
    disable: () => iam().send(new DisableOrganizationsRootCredentialsManagementCommand({})),
  },
  {
    id: "RootSessions",
    name: "Privileged root actions in member accounts",
    description: "Take sessions of member accounts' root users for tasks that only these can do.",
    enable: () => iam().send(new EnableOrganizationsRootSessionsCommand({})),
    disable: () => iam().send(new DisableOrganizationsRootSessionsCommand({})),
  },
];

interface State {
  /** Why there is nothing to enable here; absent in a management account, and in
   * that of IAM's delegated administrator. */
  why?: string;
  /** The organization trusts IAM. */
  trusts?: boolean;
  /** The account is the organization's management account, which alone enables. */
  management?: boolean;
  enabled: FeatureType[];
}

async function state(account: string): Promise<State> {
  const { DescribeOrganizationCommand } = await import("@aws-sdk/client-organizations");
  const client = await organizations();
  try {
    const { Organization } = await client.send(new DescribeOrganizationCommand({}));
    const management = Organization!.MasterAccountId === account;
    try {
      const { EnabledFeatures } = await iam().send(new ListOrganizationsFeaturesCommand({}));
      return { management, trusts: true, enabled: EnabledFeatures ?? [] };
    } catch (e) {
      const code = describe(e).code;
      if (/^ServiceAccessNotEnabled/.test(code)) return { management, trusts: false, enabled: [] };
      if (/^AccountNotManagement/.test(code)) return { why: `The organization's management account, ${Organization!.MasterAccountId}, manages root access.`, enabled: [] };
      if (/^OrganizationNotInAllFeaturesMode/.test(code)) return { why: "The organization must have all features enabled first.", enabled: [] };
      throw e;
    }
  } catch (e) {
    if (/^AWSOrganizationsNotInUse/.test(describe(e).code)) return { why: "This account is not a member of an organization. Create one to manage root access of its accounts.", enabled: [] };
    throw e;
  }
}

async function enable(feature: Feature, trusts: boolean | undefined): Promise<void> {
  if (!trusts) {
    const { EnableAWSServiceAccessCommand } = await import("@aws-sdk/client-organizations");
    await (await organizations()).send(new EnableAWSServiceAccessCommand({ ServicePrincipal: trusted }));
  }
  await feature.enable();
}

/** "Root access management", of the member accounts of an organization. */
export function RootAccess() {
  const account = useSession()!.account.id;
  const now = useLoad(() => state(account), [account]);
  const [asking, setAsking] = useState<Feature>();
  const isOn = (f: Feature) => now.data?.enabled.includes(f.id) === true;
  const button = (f: Feature) => {
    const on = isOn(f);
    return (
      <ActionButton
        action={`iam:${on ? "Disable" : "Enable"}Organizations${f.id}`}
        disabled={!on && !now.data?.management}
        disabledReason="Only the management account can enable it"
        ariaLabel={`${on ? "Disable" : "Enable"} ${f.name.toLowerCase()}`}
        onClick={() => setAsking(f)}
      >
        {on ? "Disable" : "Enable"}
      </ActionButton>
    );
  };
  return (
    <Container header={<Header description="Manage root user credentials and privileged tasks of your organization's member accounts centrally.">Centralized root access</Header>}>
      <SpaceBetween size="s">
        <ErrorAlert error={now.error} onRetry={now.reload} />
        {now.data?.why !== undefined && <Box color="text-body-secondary">{now.data.why}</Box>}
        {now.data && now.data.why === undefined && (
          <>
            {!now.data.trusts && <Alert type="info">To enable a feature also enables trusted access for IAM in the organization.</Alert>}
            <Table<Feature>
              variant="embedded"
              items={features}
              trackBy="id"
              ariaLabels={{ tableLabel: "Features of centralized root access" }}
              wrapLines
              columnDefinitions={[
                { id: "feature", header: "Feature", minWidth: 150, isRowHeader: true, cell: (f) => <><div>{f.name}</div><Box variant="small">{f.description}</Box></> },
                { id: "status", header: "Status", minWidth: 130, cell: (f) => (isOn(f) ? <StatusIndicator>Enabled</StatusIndicator> : <StatusIndicator type="stopped">Disabled</StatusIndicator>) },
                { id: "change", header: "Change", minWidth: 150, cell: button },
              ]}
            />
          </>
        )}
      </SpaceBetween>
      {asking && (
        <Confirm
          title={`${isOn(asking) ? "Disable" : "Enable"} ${asking.name.toLowerCase()}?`}
          button={isOn(asking) ? "Disable" : "Enable"}
          work={() => (isOn(asking) ? asking.disable() : enable(asking, now.data?.trusts))}
          onDone={() => {
            const was = isOn(asking);
            setAsking(undefined);
            now.reload();
            notify("success", `${asking.name} ${was ? "disabled" : "enabled"}.`);
          }}
          onCancel={() => setAsking(undefined)}
        >
          {isOn(asking) ? "The organization's accounts lose it at once: sessions that were begun by it end." : asking.description}
        </Confirm>
      )}
    </Container>
  );
}
