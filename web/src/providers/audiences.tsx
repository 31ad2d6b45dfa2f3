import { AddClientIDToOpenIDConnectProviderCommand, RemoveClientIDFromOpenIDConnectProviderCommand } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { EditDialog } from "../shared/edit-dialog";
import { notify } from "../shared/notify";

interface Props {
  arn: string;
  audiences: string[];
  reload: () => void;
}

/** Whom a provider's tokens may be for: client ids. */
export function Audiences({ arn, audiences, reload }: Props) {
  const [selected, setSelected] = useState<string[]>([]);
  const [dialog, setDialog] = useState<"add" | "remove">();
  const [text, setText] = useState("");
  const done = (message: string) => {
    setDialog(undefined);
    setSelected([]);
    setText("");
    reload();
    notify("success", message);
  };
  const id = text.trim();
  const fault = id.length > 255 ? "An audience has at most 255 characters." : audiences.includes(id) ? "The provider has this audience already." : undefined;
  return (
    <>
      <Table<string>
        items={audiences}
        trackBy={(a) => a}
        selectionType="single"
        selectedItems={selected.filter((a) => audiences.includes(a))}
        onSelectionChange={(e) => setSelected(e.detail.selectedItems)}
        ariaLabels={{ tableLabel: "Audiences", selectionGroupLabel: "Select an audience", itemSelectionLabel: (_, a) => `Select ${a}` }}
        wrapLines
        header={
          <Header
            counter={`(${audiences.length})`}
            description="Also known as client IDs: what the provider's tokens must say that they are for."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <ActionButton
                  action="iam:RemoveClientIDFromOpenIDConnectProvider"
                  resource={arn}
                  disabled={selected.length === 0}
                  disabledReason="Select an audience first"
                  onClick={() => setDialog("remove")}
                >
                  Remove
                </ActionButton>
                <ActionButton action="iam:AddClientIDToOpenIDConnectProvider" resource={arn} onClick={() => setDialog("add")}>Add audience</ActionButton>
              </SpaceBetween>
            }
          >
            Audiences
          </Header>
        }
        empty="No audiences. Add one, so that tokens of the provider are of use."
        columnDefinitions={[{ id: "audience", header: "Audience", cell: (a) => <span className="break-anywhere">{a}</span>, isRowHeader: true }]}
      />
      {dialog === "add" && (
        <EditDialog
          title="Add audience"
          button="Add audience"
          ready={id !== "" && fault === undefined}
          work={() => iam().send(new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn, ClientID: id }))}
          onDone={() => done(`Audience ${id} added.`)}
          onCancel={() => setDialog(undefined)}
        >
          <FormField label="Audience" errorText={fault}>
            <Input value={text} spellcheck={false} autoFocus onChange={(e) => setText(e.detail.value)} />
          </FormField>
        </EditDialog>
      )}
      {dialog === "remove" && (
        <Confirm
          title="Remove audience?"
          button="Remove"
          work={() => iam().send(new RemoveClientIDFromOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn, ClientID: selected[0] }))}
          onDone={() => done(`Audience ${selected[0]} removed.`)}
          onCancel={() => setDialog(undefined)}
        >
          Tokens for <b className="break-anywhere">{selected[0]}</b> are not taken any longer.
        </Confirm>
      )}
    </>
  );
}
