import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import {
  AcceptHandshakeCommand, CancelHandshakeCommand, DeclineHandshakeCommand, paginateListHandshakesForAccount, paginateListHandshakesForOrganization,
  type Handshake,
} from "@aws-sdk/client-organizations";
import { useState } from "react";
import { organizations } from "../aws";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { collect, useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { ResourceTable } from "../shared/resource-table";
import { showTime } from "../shared/time";
import { OnlyManagement } from "./only-management";

/** Invitations that the organization sent, as a page. */
export default function InvitationsPage() {
  return (
    <OnlyManagement title="Invitations" what="see and send invitations">
      <Page title="Invitations" above={[["AWS accounts", "/organizations"]]}>
        <Invitations of="organization" />
      </Page>
    </OnlyManagement>
  );
}

const types: Record<string, string> = {
  INVITE: "Invitation", ENABLE_ALL_FEATURES: "Request to enable all features", APPROVE_ALL_FEATURES: "Approval of all features", TRANSFER_RESPONSIBILITY: "Transfer of responsibility",
};

/** Handshakes of the account, which may accept them, or of the organization, which
 * may take them back. */
export function Invitations({ of, onJoined }: { of: "account" | "organization"; onJoined?: () => void }) {
  const [asked, setAsked] = useState<{ handshake: Handshake; how: "accept" | "decline" | "cancel" }>();
  const list = useLoad(async () => {
    const client = await organizations();
    return of === "account"
      ? collect(paginateListHandshakesForAccount({ client }, {}), (p) => p.Handshakes)
      : collect(paginateListHandshakesForOrganization({ client }, {}), (p) => p.Handshakes);
  }, [of]);
  const open = (h: Handshake) => h.State === "OPEN" || h.State === "REQUESTED";
  const button = (h: Handshake, how: "accept" | "decline" | "cancel", text: string, action: string) => (
    <ActionButton variant="inline-link" action={action} resource={h.Arn} ariaLabel={`${text} ${h.Id}`} onClick={() => setAsked({ handshake: h, how })}>{text}</ActionButton>
  );
  return (
    <>
      <ResourceTable<Handshake>
        noun="invitations"
        header="Invitations"
        description={of === "account" ? "From organizations that want this account." : "That this organization sent."}
        items={list.data}
        loading={list.loading}
        error={list.error}
        onReload={list.reload}
        idOf={(h) => h.Id!}
        filterText={(h) => [h.Id, other(h, of), h.State].join(" ")}
        sortBy="requested"
        descending
        empty={<Box textAlign="center" padding="m">{of === "account" ? "Nobody has invited this account." : "No invitations. To send one, choose Add an AWS account."}</Box>}
        columns={[
          { id: "id", header: "Handshake ID", cell: (h) => h.Id, sortingField: "Id", isRowHeader: true },
          { id: "type", header: "Type", cell: (h) => types[h.Action ?? ""] ?? h.Action },
          { id: "other", header: of === "account" ? "From" : "To", cell: (h) => other(h, of) },
          { id: "state", header: "Status", minWidth: 140, cell: (h) => <StatusIndicator type={open(h) ? "pending" : h.State === "ACCEPTED" ? "success" : "stopped"}>{h.State}</StatusIndicator> },
          { id: "requested", header: "Requested", cell: (h) => showTime(h.RequestedTimestamp), sortingField: "RequestedTimestamp" },
          { id: "expires", header: "Expires", cell: (h) => showTime(h.ExpirationTimestamp) },
          {
            id: "do", header: "Actions", minWidth: 130,
            cell: (h) =>
              !open(h) ? "-" : of === "account" ? (
                <SpaceBetween direction="horizontal" size="s">
                  {button(h, "accept", "Accept", "organizations:AcceptHandshake")}
                  {button(h, "decline", "Decline", "organizations:DeclineHandshake")}
                </SpaceBetween>
              ) : (
                button(h, "cancel", "Cancel", "organizations:CancelHandshake")
              ),
          },
        ]}
      />
      {asked && (
        <Confirm
          title={{ accept: "Accept this invitation?", decline: "Decline this invitation?", cancel: "Cancel this invitation?" }[asked.how]}
          button={{ accept: "Accept invitation", decline: "Decline invitation", cancel: "Cancel invitation" }[asked.how]}
          work={async () => {
            const HandshakeId = asked.handshake.Id;
            const client = await organizations();
            if (asked.how === "accept") await client.send(new AcceptHandshakeCommand({ HandshakeId }));
            else if (asked.how === "decline") await client.send(new DeclineHandshakeCommand({ HandshakeId }));
            else await client.send(new CancelHandshakeCommand({ HandshakeId }));
          }}
          onCancel={() => setAsked(undefined)}
          onDone={() => {
            notify("success", { accept: "This account is now in the organization.", decline: "Invitation declined.", cancel: "Invitation cancelled." }[asked.how]);
            setAsked(undefined);
            list.reload();
            if (asked.how === "accept") onJoined?.();
          }}
        >
          {asked.how === "accept" ? "The organization's policies bind this account from then on, and its management account may administer it." : `Handshake ${asked.handshake.Id}`}
        </Confirm>
      )}
    </>
  );
}

function other(h: Handshake, of: "account" | "organization"): string {
  const wanted = of === "account" ? ["ORGANIZATION"] : ["ACCOUNT", "EMAIL"];
  return h.Parties?.find((p) => wanted.includes(p.Type ?? ""))?.Id ?? "-";
}
