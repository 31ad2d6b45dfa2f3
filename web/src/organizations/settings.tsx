import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Spinner from "@cloudscape-design/components/spinner";
import {
  DeleteOrganizationCommand, DeregisterDelegatedAdministratorCommand, DisableAWSServiceAccessCommand, EnableAllFeaturesCommand, EnableAWSServiceAccessCommand,
  paginateListAWSServiceAccessForOrganization, paginateListDelegatedAdministrators, paginateListDelegatedServicesForAccount, RegisterDelegatedAdministratorCommand,
  type EnabledServicePrincipal,
} from "@aws-sdk/client-organizations";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { organizations } from "../aws";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { ErrorAlert } from "../shared/errors";
import { go } from "../shared/link";
import { collect, useLoad, useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { ResourceTable } from "../shared/resource-table";
import { showTime } from "../shared/time";
import { FormDialog } from "./dialogs";
import { OnlyManagement } from "./only-management";
import { Details } from "./page";
import { findOrganization } from "./tree";

/** The organization as a whole: its features, trusted services, delegated
 * administrators, and its end. */
export default function SettingsPage() {
  return (
    <OnlyManagement title="Organization settings" what="change its settings">
      <Settings />
    </OnlyManagement>
  );
}

function Settings() {
  const found = useLoad(findOrganization, []);
  const [deleting, setDeleting] = useState(false);
  const work = useWork();
  const organization = found.data;
  if (!organization) {
    return (
      <Page title="Organization settings" above={[["AWS accounts", "/organizations"]]}>
        {found.loading ? <Box textAlign="center"><Spinner /></Box> : <ErrorAlert error={found.error} onRetry={found.reload} />}
      </Page>
    );
  }
  return (
    <Page title="Organization settings" above={[["AWS accounts", "/organizations"]]}>
      <ErrorAlert error={work.error} />
      <Container
        header={
          <Header
            actions={
              organization.FeatureSet === "ALL" ? undefined : (
                <ActionButton
                  action="organizations:EnableAllFeatures" loading={work.busy}
                  onClick={() => work.run(async () => {
                    await (await organizations()).send(new EnableAllFeaturesCommand({}));
                    notify("success", "The accounts that were invited are asked to approve.");
                    found.reload();
                  })}
                >
                  Begin process to enable all features
                </ActionButton>
              )
            }
          >
            Organization details
          </Header>
        }
      >
        <Details organization={organization} />
      </Container>
      <Services />
      <Administrators />
      <Container
        header={
          <Header
            description="Only an organization without member accounts can be deleted."
            actions={<ActionButton action="organizations:DeleteOrganization" onClick={() => setDeleting(true)}>Delete organization</ActionButton>}
          >
            Delete organization
          </Header>
        }
      >
        Units and policies go with it. This account goes on alone.
      </Container>
      {deleting && (
        <Confirm
          title="Delete the organization?"
          button="Delete organization"
          type={organization.Id}
          work={async () => (await organizations()).send(new DeleteOrganizationCommand({}))}
          onCancel={() => setDeleting(false)}
          onDone={() => {
            go("/organizations");
            notify("success", "The organization was deleted.");
          }}
        >
          This cannot be taken back.
        </Confirm>
      )}
    </Page>
  );
}

function Services() {
  const list = useLoad(
    async () => collect(paginateListAWSServiceAccessForOrganization({ client: await organizations() }, {}), (p) => p.EnabledServicePrincipals),
    [],
  );
  const [chosen, setChosen] = useState<EnabledServicePrincipal[]>([]);
  const [dialog, setDialog] = useState<"enable" | "disable">();
  const [principal, setPrincipal] = useState("");
  const done = () => {
    setDialog(undefined);
    setChosen([]);
    list.reload();
  };
  const one = chosen[0];
  return (
    <>
      <ResourceTable<EnabledServicePrincipal>
        noun="services"
        header="Trusted access"
        description="AWS services that may work in all accounts of the organization."
        items={list.data}
        loading={list.loading}
        error={list.error}
        idOf={(s) => s.ServicePrincipal!}
        selection="single"
        selected={chosen}
        onSelect={setChosen}
        empty={<Box textAlign="center" padding="m">No service is trusted.</Box>}
        actions={
          <>
            <ActionButton action="organizations:DisableAWSServiceAccess" disabled={!one} disabledReason="Select a service first" onClick={() => setDialog("disable")}>Disable trusted access</ActionButton>
            <ActionButton action="organizations:EnableAWSServiceAccess" onClick={() => setDialog("enable")}>Enable trusted access</ActionButton>
          </>
        }
        columns={[
          { id: "name", header: "Service principal", isRowHeader: true, sortingField: "ServicePrincipal", cell: (s) => s.ServicePrincipal },
          { id: "since", header: "Enabled", cell: (s) => showTime(s.DateEnabled) },
        ]}
      />
      {dialog === "enable" && (
        <FormDialog
          title="Enable trusted access" button="Enable" good={principal.trim() !== ""} said={`${principal.trim()} is trusted.`}
          work={async () => (await organizations()).send(new EnableAWSServiceAccessCommand({ ServicePrincipal: principal.trim() }))}
          onDone={done} onCancel={() => setDialog(undefined)}
        >
          <FormField label="Service principal" constraintText="Such as iam.amazonaws.com">
            <Input value={principal} spellcheck={false} onChange={(e) => setPrincipal(e.detail.value)} />
          </FormField>
        </FormDialog>
      )}
      {dialog === "disable" && one && (
        <Confirm
          title={`Disable trusted access of ${one.ServicePrincipal}?`} button="Disable"
          work={async () => (await organizations()).send(new DisableAWSServiceAccessCommand({ ServicePrincipal: one.ServicePrincipal }))}
          onCancel={() => setDialog(undefined)}
          onDone={() => (notify("success", `${one.ServicePrincipal} is no longer trusted.`), done())}
        >
          It can no longer work in the accounts of the organization.
        </Confirm>
      )}
    </>
  );
}

interface Delegation {
  id: string;
  name: string;
  service: string;
}

function Administrators() {
  const list = useLoad(async () => {
    const client = await organizations();
    const accounts = await collect(paginateListDelegatedAdministrators({ client }, {}), (p) => p.DelegatedAdministrators);
    const each = await Promise.all(
      accounts.map(async (a) =>
        (await collect(paginateListDelegatedServicesForAccount({ client }, { AccountId: a.Id }), (p) => p.DelegatedServices)).map(
          (s): Delegation => ({ id: a.Id!, name: a.Name ?? a.Id!, service: s.ServicePrincipal! }),
        ),
      ),
    );
    return each.flat();
  }, []);
  const [chosen, setChosen] = useState<Delegation[]>([]);
  const [dialog, setDialog] = useState<"add" | "remove">();
  const [account, setAccount] = useState("");
  const [principal, setPrincipal] = useState("");
  const done = () => {
    setDialog(undefined);
    setChosen([]);
    list.reload();
  };
  const one = chosen[0];
  return (
    <>
      <ResourceTable<Delegation>
        noun="delegated administrators"
        header="Delegated administrators"
        description="Member accounts that administer a service for the organization."
        items={list.data}
        loading={list.loading}
        error={list.error}
        idOf={(d) => `${d.id} for ${d.service}`}
        selection="single"
        selected={chosen}
        onSelect={setChosen}
        empty={<Box textAlign="center" padding="m">There are none.</Box>}
        actions={
          <>
            <ActionButton action="organizations:DeregisterDelegatedAdministrator" disabled={!one} disabledReason="Select a delegated administrator first" onClick={() => setDialog("remove")}>Deregister</ActionButton>
            <ActionButton action="organizations:RegisterDelegatedAdministrator" onClick={() => setDialog("add")}>Register</ActionButton>
          </>
        }
        columns={[
          { id: "id", header: "Account ID", isRowHeader: true, sortingField: "id", cell: (d) => d.id },
          { id: "name", header: "Name", cell: (d) => d.name },
          { id: "service", header: "Service principal", sortingField: "service", cell: (d) => d.service },
        ]}
      />
      {dialog === "add" && (
        <FormDialog
          title="Register a delegated administrator" button="Register" good={/^\d{12}$/.test(account.trim()) && principal.trim() !== ""} said="Delegated administrator registered."
          work={async () => (await organizations()).send(new RegisterDelegatedAdministratorCommand({ AccountId: account.trim(), ServicePrincipal: principal.trim() }))}
          onDone={done} onCancel={() => setDialog(undefined)}
        >
          <FormField label="Account ID" constraintText="12 digits, of a member account">
            <Input value={account} inputMode="numeric" onChange={(e) => setAccount(e.detail.value)} />
          </FormField>
          <FormField label="Service principal" constraintText="Such as access-analyzer.amazonaws.com">
            <Input value={principal} spellcheck={false} onChange={(e) => setPrincipal(e.detail.value)} />
          </FormField>
        </FormDialog>
      )}
      {dialog === "remove" && one && (
        <Confirm
          title={`Deregister ${one.name}?`} button="Deregister"
          work={async () => (await organizations()).send(new DeregisterDelegatedAdministratorCommand({ AccountId: one.id, ServicePrincipal: one.service }))}
          onCancel={() => setDialog(undefined)}
          onDone={() => (notify("success", "Delegated administrator deregistered."), done())}
        >
          The account no longer administers {one.service} for the organization.
        </Confirm>
      )}
    </>
  );
}
