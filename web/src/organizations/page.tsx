import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { CreateOrganizationCommand, LeaveOrganizationCommand, type Organization } from "@aws-sdk/client-organizations";
import { useState } from "react";
import { organizations } from "../aws";
import { useSession } from "../session";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { Copy } from "../shared/copy";
import { ErrorAlert } from "../shared/errors";
import { follow, go, href } from "../shared/link";
import { useLoad, useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { Invitations } from "./invitations";
import { Tree } from "./tree-table";
import { findOrganization } from "./tree";

/** The organization: made, seen from its management account, or from a member. */
export default function OrganizationPage() {
  const session = useSession()!;
  const found = useLoad(async () => ({ organization: await findOrganization() }), []);
  const organization = found.data?.organization;
  if (found.loading && !found.data) return <Page title="AWS accounts"><Box textAlign="center"><Spinner /></Box></Page>;
  if (found.error !== undefined && !found.data) return <Page title="AWS accounts"><ErrorAlert error={found.error} onRetry={found.reload} /></Page>;
  if (!organization) return <NoOrganization onCreated={found.reload} />;
  const manages = organization.MasterAccountId === session.account.id;
  return (
    <Page
      title="AWS accounts"
      description={manages ? "The accounts of your organization, and the organizational units that they stand in." : "This account is a member of an organization."}
      actions={
        manages && (
          <SpaceBetween direction="horizontal" size="xs">
            <ButtonDropdown
              items={[
                { id: "settings", text: "Organization settings", href: href("/organizations/settings") },
                { id: "invitations", text: "Invitations", href: href("/organizations/invitations") },
              ]}
              onItemFollow={(e) => {
                e.preventDefault();
                location.hash = e.detail.href!;
              }}
            >
              Organization
            </ButtonDropdown>
            <ActionButton action="organizations:CreateAccount" variant="primary" href={href("/organizations/add-account")} onFollow={follow}>
              Add an AWS account
            </ActionButton>
          </SpaceBetween>
        )
      }
    >
      {manages ? <Tree organization={organization} /> : <Member organization={organization} onLeft={found.reload} />}
    </Page>
  );
}

function NoOrganization({ onCreated }: { onCreated: () => void }) {
  const { busy, error, run } = useWork();
  const create = () =>
    run(async () => {
      await (await organizations()).send(new CreateOrganizationCommand({ FeatureSet: "ALL" }));
      notify("success", "Your organization was created. This account is its management account.");
      onCreated();
    });
  return (
    <Page title="AWS Organizations" description="Manage several accounts together: who is in them, and what they may do at most.">
      <ErrorAlert error={error} />
      <Container header={<Header>This account is in no organization</Header>}>
        <SpaceBetween size="m">
          <Box>
            Create an organization to make accounts, sort them into organizational units, and bind them by service control policies. This
            account becomes the management account, which no such policy binds.
          </Box>
          <ActionButton action="organizations:CreateOrganization" variant="primary" loading={busy} onClick={create}>Create an organization</ActionButton>
        </SpaceBetween>
      </Container>
      <Invitations of="account" onJoined={onCreated} />
    </Page>
  );
}

function Member({ organization, onLeft }: { organization: Organization; onLeft: () => void }) {
  const [leaving, setLeaving] = useState(false);
  return (
    <>
      <Container
        header={
          <Header actions={<ActionButton action="organizations:LeaveOrganization" onClick={() => setLeaving(true)}>Leave this organization</ActionButton>}>
            Organization details
          </Header>
        }
      >
        <Details organization={organization} />
      </Container>
      <Box>
        <Button variant="link" onClick={() => go("/denied")}>Was a call denied by an organization policy? Read why.</Button>
      </Box>
      {leaving && (
        <Confirm
          title="Leave this organization?"
          button="Leave organization"
          warning="The account no longer has the organization's policies, and its administrators can no longer reach it."
          work={async () => (await organizations()).send(new LeaveOrganizationCommand({}))}
          onCancel={() => setLeaving(false)}
          onDone={() => {
            setLeaving(false);
            notify("success", "The account left the organization.");
            onLeft();
          }}
        >
          The account goes on alone.
        </Confirm>
      )}
    </>
  );
}

export function Details({ organization }: { organization: Organization }) {
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: "Organization ID", value: <Copy text={organization.Id!} label="Organization ID" /> },
        { label: "Feature set", value: organization.FeatureSet === "ALL" ? "All features" : "Consolidated billing" },
        { label: "Management account", value: <Copy text={organization.MasterAccountId!} label="Management account ID" /> },
        { label: "Management account email", value: organization.MasterAccountEmail ?? "-" },
        { label: "ARN", value: <Copy text={organization.Arn!} label="ARN" /> },
      ]}
    />
  );
}
