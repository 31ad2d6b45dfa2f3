import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs, { type KeyValuePairsProps } from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs, { type TabsProps } from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { ActionButton } from "../shared/action-button";
import { Copy } from "../shared/copy";
import { ErrorAlert, isMissing } from "../shared/errors";
import { at, go, href } from "../shared/link";
import type { Loaded } from "../shared/load";
import { Page } from "../shared/page";
import { showTime } from "../shared/time";
import { DeleteProvider } from "./delete-provider";
import { above, MissingProvider } from "./missing";
import { kindName, nameOf, type ProviderKind } from "./providers";
import { deleteAction } from "./remove";
import { TrustingRoles } from "./trusting-roles";

interface Props {
  arn: string;
  kind: ProviderKind;
  provider: Loaded<{ CreateDate?: Date }>;
  /** What the summary says beside what all providers have. */
  facts?: KeyValuePairsProps.Item[];
  tabs: TabsProps.Tab[];
}

/** What the pages of all providers have. */
export function Frame({ arn, kind, provider, facts = [], tabs }: Props) {
  const [deleting, setDeleting] = useState(false);
  const name = nameOf(arn);
  if (provider.error !== undefined && (!provider.data || isMissing(provider.error))) return <MissingProvider arn={arn} error={provider.error} onRetry={provider.reload} />;
  if (!provider.data) return <Page title={name} above={above}><Box textAlign="center"><Spinner size="large" /></Box></Page>;
  return (
    <Page
      title={name}
      above={above}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <ActionButton action={deleteAction[kind]} resource={arn} onClick={() => setDeleting(true)}>Delete</ActionButton>
          <ActionButton action="iam:CreateRole" href={href(at("identity-providers", arn, "roles", "create"))}>Assign role</ActionButton>
        </SpaceBetween>
      }
    >
      <ErrorAlert error={provider.error} onRetry={provider.reload} />
      <Container header={<Header>Summary</Header>}>
        <KeyValuePairs
          columns={3}
          minColumnWidth={200}
          items={[
            { label: "Provider", value: <span className="break-anywhere">{kind === "oidc" ? `https://${name}` : name}</span> },
            { label: "Provider type", value: kindName[kind] },
            { label: "Creation time", value: showTime(provider.data.CreateDate) },
            { label: "ARN", value: <Copy text={arn} label="ARN" /> },
            ...facts,
          ]}
        />
      </Container>
      <Tabs ariaLabel="Identity provider" tabs={[...tabs, { id: "roles", label: "Roles", content: <TrustingRoles arn={arn} /> }]} />
      {deleting && <DeleteProvider provider={{ arn, kind, name }} onDone={() => go("/identity-providers")} onCancel={() => setDeleting(false)} />}
    </Page>
  );
}
