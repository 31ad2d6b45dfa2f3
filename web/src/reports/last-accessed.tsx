import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useSearchParams } from "wouter";
import { useSession } from "../session";
import { follow, go, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { entityOf, entityWords, pageOf } from "./entity";
import { EntityPicker } from "./entity-picker";
import { LastAccessedTab } from "./last-accessed-tab";
import { managedOrganization } from "./organization-access";
import { OrganizationReport } from "./organization-report";
import { asking } from "./question";

/** "/last-accessed?arn=…": the services that somebody may use, and when they did. */
export default function LastAccessed() {
  const { account } = useSession()!;
  const organization = useLoad(() => managedOrganization(account.id), [account.id]);
  return (
    <Page title="Last accessed" description="Which services a user, group, role or policy may use, and when each was used last. What was never used can be taken away.">
      {organization.data ? (
        <Tabs
          ariaLabel="Last accessed"
          tabs={[
            { id: "account", label: "This account", content: <OfAccount /> },
            { id: "organization", label: "Organization", content: <OrganizationReport organization={organization.data} /> },
          ]}
        />
      ) : (
        <OfAccount />
      )}
    </Page>
  );
}

function OfAccount() {
  const { account } = useSession()!;
  const arn = useSearchParams()[0].get("arn") ?? undefined;
  const entity = entityOf(arn);
  const page = arn && pageOf(arn, account.id);
  return (
    <SpaceBetween size="l">
      <Container header={<Header>Whose access</Header>}>
        <SpaceBetween size="s">
          <EntityPicker kinds={["user", "group", "role", "policy"]} value={arn} onChange={(arn) => go(asking("/last-accessed", { arn }))} />
          {entity && page && <Link {...link(page)} onFollow={follow}>Go to {entityWords[entity.kind].toLowerCase()} {entity.name}</Link>}
        </SpaceBetween>
      </Container>
      {arn ? <LastAccessedTab key={arn} arn={arn} /> : <Box color="text-body-secondary" textAlign="center" padding="l">Choose a user, group, role or policy to see its report.</Box>}
    </SpaceBetween>
  );
}
