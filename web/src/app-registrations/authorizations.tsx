import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { notify } from "../shared/notify";
import { ResourceTable } from "../shared/resource-table";
import { showTime } from "../shared/time";
import { Authorize } from "./authorize";
import { revoke, type Authorization, type Registration } from "./registrations";

interface Props {
  app: Registration;
  /** The application's ARN. */
  resource: string;
  loading: boolean;
  reload: () => void;
}

/** The selling partners that let an application act for them. */
export function Authorizations({ app, resource, loading, reload }: Props) {
  const [selected, setSelected] = useState<Authorization[]>([]);
  const [dialog, setDialog] = useState<"authorize" | "revoke">();
  const chosen = app.authorizations.find((a) => a.selling_partner_id === selected[0]?.selling_partner_id);
  return (
    <>
      <ResourceTable<Authorization>
        noun="authorizations"
        header="Authorizations"
        description="The selling partners that let the application act for them."
        items={app.authorizations}
        loading={loading}
        onReload={reload}
        idOf={(a) => a.selling_partner_id}
        filterText={(a) => a.selling_partner_id}
        selection="single"
        selected={chosen ? [chosen] : []}
        onSelect={setSelected}
        empty="No selling partner authorizes the application: it can call for nobody."
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <ActionButton
              action="sellingpartnerapi:RevokeAuthorization"
              resource={resource}
              disabled={!chosen}
              disabledReason="Select an authorization first"
              onClick={() => setDialog("revoke")}
            >
              Revoke
            </ActionButton>
            <ActionButton action="sellingpartnerapi:AuthorizeApplication" resource={resource} onClick={() => setDialog("authorize")}>Authorize</ActionButton>
          </SpaceBetween>
        }
        columns={[
          { id: "partner", header: "Selling partner ID", isRowHeader: true, sortingField: "selling_partner_id", cell: (a) => a.selling_partner_id },
          { id: "created", header: "Authorized", sortingField: "created", cell: (a) => showTime(a.created) },
        ]}
      />
      {dialog === "authorize" && <Authorize app={app} onMade={reload} onClose={() => setDialog(undefined)} />}
      {dialog === "revoke" && chosen && (
        <Confirm
          title="Revoke authorization?"
          button="Revoke"
          warning="Refresh tokens and access tokens that came of it stop working at once, and stay so when the selling partner authorizes the application again."
          work={() => revoke(app.client_id, chosen.selling_partner_id)}
          onDone={() => {
            notify("success", `Authorization by ${chosen.selling_partner_id} revoked.`);
            setDialog(undefined);
            reload();
          }}
          onCancel={() => setDialog(undefined)}
        >
          The application can't act for selling partner <b>{chosen.selling_partner_id}</b> any longer.
        </Confirm>
      )}
    </>
  );
}
