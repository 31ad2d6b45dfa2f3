import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSession } from "../session";
import { ActionButton } from "../shared/action-button";
import { Copy } from "../shared/copy";
import { at, follow, href, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { ResourceTable } from "../shared/resource-table";
import { ago, showTime } from "../shared/time";
import { arnOf, listRegistrations, type Registration } from "./registrations";
import { Signer } from "./signer";

const shown = 3; // selling partners that are named

/** The account's applications that call the Selling Partner API. */
export default function AppRegistrations() {
  const account = useSession()!.account.id;
  const list = useLoad(listRegistrations, []);
  const register = (variant: "primary" | "normal") => (
    <ActionButton action="sellingpartnerapi:RegisterApplication" resource={arnOf(account, "*")} variant={variant} href={href("/app-registrations/register")}>
      Register application
    </ActionButton>
  );
  return (
    <Page title="App registrations" description="Applications that call the Selling Partner API, each with the IAM role or user that signs its calls and the selling partners that let it act for them.">
      <ResourceTable<Registration>
        noun="applications"
        header="Registered applications"
        items={list.data}
        loading={list.loading}
        error={list.error}
        onReload={list.reload}
        idOf={(r) => r.client_id}
        labelOf={(r) => r.name}
        filterText={(r) => [r.name, r.client_id, r.iam_arn, ...r.authorizations.map((a) => a.selling_partner_id)].join("\n")}
        sortBy="name"
        actions={register("primary")}
        empty={
          <Box textAlign="center" padding="m">
            <SpaceBetween size="xs">
              <b>No registered applications</b>
              <span>Register one with the IAM ARN of the role that signs its calls.</span>
              {register("normal")}
            </SpaceBetween>
          </Box>
        }
        columns={[
          {
            id: "name", header: "Name", isRowHeader: true, sortingField: "name", minWidth: 140,
            cell: (r) => <Link {...link(at("app-registrations", r.client_id))} onFollow={follow}><span className="break-anywhere">{r.name}</span></Link>,
          },
          { id: "client", header: "Client ID", sortingField: "client_id", minWidth: 240, cell: (r) => <Copy text={r.client_id} label={`client ID of ${r.name}`} /> },
          { id: "signer", header: "IAM ARN", sortingField: "iam_arn", minWidth: 220, cell: (r) => <Signer arn={r.iam_arn} account={account} /> },
          {
            id: "partners", header: "Selling partners", minWidth: 160, sortingComparator: (a, b) => a.authorizations.length - b.authorizations.length,
            cell: (r) => partners(r),
          },
          { id: "created", header: "Created", minWidth: 120, sortingField: "created", cell: (r) => <span title={showTime(r.created)}>{ago(r.created)}</span> },
        ]}
      />
    </Page>
  );
}

function partners({ authorizations }: Registration): string {
  const names = authorizations.slice(0, shown).map((a) => a.selling_partner_id).join(", ");
  const more = authorizations.length - shown;
  return names === "" ? "-" : more > 0 ? `${names} and ${more} more` : names;
}
