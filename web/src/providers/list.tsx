import { GetOpenIDConnectProviderCommand } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { useAllowed } from "../shared/allowed";
import { at, follow, href, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { ResourceTable } from "../shared/resource-table";
import { ago, showTime } from "../shared/time";
import { DeleteProvider } from "./delete-provider";
import { kindName, listProviders, type Provider } from "./providers";
import { deleteAction } from "./remove";

/** All providers. Of OpenID Connect the list says no time: each is asked for its own. */
async function load(): Promise<Provider[]> {
  const all = await listProviders();
  return Promise.all(all.map((p) => (p.created ? p : withTime(p))));
}

async function withTime(p: Provider): Promise<Provider> {
  const got = await iam().send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: p.arn })).catch(() => undefined);
  return { ...p, created: got?.CreateDate };
}

export default function Providers() {
  const providers = useLoad(load, []);
  const [selected, setSelected] = useState<Provider[]>([]);
  const [deleting, setDeleting] = useState<Provider>();
  const mayAddSaml = useAllowed("iam:CreateSAMLProvider");
  // Whoever may add one kind may go to the page; it asks again for the kind chosen.
  const add = (variant: "primary" | "normal") => (
    <ActionButton action={mayAddSaml ? "iam:CreateSAMLProvider" : "iam:CreateOpenIDConnectProvider"} variant={variant} href={href("/identity-providers/create")}>Add provider</ActionButton>
  );
  return (
    <Page
      title="Identity providers"
      description="Use an identity provider (IdP) to manage your user identities outside of AWS, but grant the user identities permissions to use AWS resources in your account."
    >
      <ResourceTable<Provider>
        noun="identity providers"
        header="Identity providers"
        items={providers.data}
        loading={providers.loading}
        error={providers.error}
        onReload={providers.reload}
        idOf={(p) => p.name}
        filterText={(p) => [p.name, kindName[p.kind]].join(" ")}
        sortBy="provider"
        selection="single"
        selected={selected}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <ActionButton
              action={deleteAction[selected[0]?.kind ?? "saml"]}
              resource={selected[0]?.arn}
              disabled={selected.length === 0}
              disabledReason="Select an identity provider first"
              onClick={() => setDeleting(selected[0])}
            >
              Delete
            </ActionButton>
            {add("primary")}
          </SpaceBetween>
        }
        empty={
          <Box textAlign="center" padding="m">
            <SpaceBetween size="xs">
              <b>No identity providers</b>
              <span>Add the one that your users or workloads sign in with already.</span>
              {add("normal")}
            </SpaceBetween>
          </Box>
        }
        columns={[
          {
            id: "provider", header: "Provider", sortingField: "name", isRowHeader: true, minWidth: 200,
            cell: (p) => <Link {...link(at("identity-providers", p.arn))} onFollow={follow}><span className="break-anywhere">{p.name}</span></Link>,
          },
          { id: "type", header: "Type", sortingField: "kind", cell: (p) => kindName[p.kind] },
          { id: "created", header: "Creation time", sortingComparator: (a, b) => Number(a.created ?? 0) - Number(b.created ?? 0), cell: (p) => <span title={showTime(p.created)}>{ago(p.created)}</span> },
        ]}
      />
      {deleting && (
        <DeleteProvider
          provider={deleting}
          onDone={() => {
            setDeleting(undefined);
            setSelected([]);
            providers.reload();
          }}
          onCancel={() => setDeleting(undefined)}
        />
      )}
    </Page>
  );
}
