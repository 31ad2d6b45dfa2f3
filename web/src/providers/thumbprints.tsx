import { UpdateOpenIDConnectProviderThumbprintCommand } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { EditDialog } from "../shared/edit-dialog";
import { notify } from "../shared/notify";
import { readThumbprints, thumbprintsFault } from "./providers";

interface Props {
  arn: string;
  thumbprints: string[];
  reload: () => void;
}

/** The certificates by which the provider's server is known. */
export function Thumbprints({ arn, thumbprints, reload }: Props) {
  const [text, setText] = useState<string>();
  const list = readThumbprints(text ?? "");
  const fault = list.length === 0 ? "Enter one thumbprint at least." : thumbprintsFault(list);
  return (
    <>
      <Table<string>
        items={thumbprints}
        trackBy={(t) => t}
        ariaLabels={{ tableLabel: "Thumbprints" }}
        wrapLines
        header={
          <Header
            counter={`(${thumbprints.length})`}
            description="SHA-1 hashes of the certificates that the provider's server may show."
            actions={<ActionButton action="iam:UpdateOpenIDConnectProviderThumbprint" resource={arn} onClick={() => setText(thumbprints.join("\n"))}>Manage</ActionButton>}
          >
            Thumbprints
          </Header>
        }
        empty="No thumbprints."
        columnDefinitions={[{ id: "thumbprint", header: "Thumbprint", cell: (t) => <code className="break-anywhere">{t}</code>, isRowHeader: true }]}
      />
      {text !== undefined && (
        <EditDialog
          title="Manage thumbprints"
          button="Save changes"
          ready={fault === undefined}
          work={() => iam().send(new UpdateOpenIDConnectProviderThumbprintCommand({ OpenIDConnectProviderArn: arn, ThumbprintList: list }))}
          onDone={() => {
            setText(undefined);
            reload();
            notify("success", "Thumbprints updated.");
          }}
          onCancel={() => setText(undefined)}
        >
          <FormField label="Thumbprints" description="One a line. The list takes the place of the one that is there." errorText={fault} constraintText="At most 5, each of 40 hexadecimal digits.">
            <Textarea value={text} rows={5} spellcheck={false} onChange={(e) => setText(e.detail.value)} />
          </FormField>
        </EditDialog>
      )}
    </>
  );
}
