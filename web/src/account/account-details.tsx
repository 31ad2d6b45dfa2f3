import { CreateAccountAliasCommand, DeleteAccountAliasCommand, ListAccountAliasesCommand } from "@aws-sdk/client-iam";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "../aws";
import { useSession } from "../session";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { Copy } from "../shared/copy";
import { EditDialog } from "../shared/edit-dialog";
import { ErrorAlert } from "../shared/errors";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { signInURL } from "../shared/sign-in-url";
import { aliasFault } from "./alias";

/** The account's number, its alias, and where its users sign in. */
export function AccountDetails() {
  const session = useSession()!;
  const account = session.account.id;
  const alias = useLoad(async () => (await iam().send(new ListAccountAliasesCommand({}))).AccountAliases?.[0] ?? "", []);
  const [dialog, setDialog] = useState<"edit" | "delete">();
  const [text, setText] = useState("");
  const fault = aliasFault(text);
  const done = (message: string) => {
    setDialog(undefined);
    alias.reload();
    notify("success", message);
  };
  return (
    <Container
      header={
        <Header
          description="Instead of the account ID, users can sign in with the account's alias."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {alias.data && <ActionButton action="iam:DeleteAccountAlias" onClick={() => setDialog("delete")}>Delete alias</ActionButton>}
              <ActionButton action="iam:CreateAccountAlias" disabled={alias.data === undefined} onClick={() => (setText(alias.data ?? ""), setDialog("edit"))}>
                {alias.data ? "Edit alias" : "Create alias"}
              </ActionButton>
            </SpaceBetween>
          }
        >
          AWS account
        </Header>
      }
    >
      <SpaceBetween size="s">
        <ErrorAlert error={alias.error} onRetry={alias.reload} />
        <KeyValuePairs
          columns={3}
          minColumnWidth={200}
          items={[
            { label: "Account ID", value: <Copy text={account} label="Account ID" /> },
            { label: "Account alias", value: alias.data ? <Copy text={alias.data} label="Account alias" /> : "-" },
            { label: "Sign-in URL for IAM users in this account", value: <Copy text={signInURL({ ...session.account, alias: alias.data })} label="Sign-in URL" /> },
          ]}
        />
      </SpaceBetween>
      {dialog === "edit" && (
        <EditDialog
          title={alias.data ? "Edit account alias" : "Create alias for AWS account"}
          button={alias.data ? "Save changes" : "Create alias"}
          ready={fault === undefined && text !== alias.data}
          work={() => iam().send(new CreateAccountAliasCommand({ AccountAlias: text }))}
          onDone={() => done(`Account alias ${text} set.`)}
          onCancel={() => setDialog(undefined)}
        >
          <FormField
            label="Preferred alias"
            description={alias.data ? "It takes the place of the alias that the account has: that one is of no use any longer." : undefined}
            constraintText="Must be not more than 63 characters. Valid characters are a-z, 0-9, and - (hyphen)."
            errorText={text !== "" ? fault : undefined}
          >
            <Input value={text} autoFocus spellcheck={false} autoComplete={false} onChange={(e) => setText(e.detail.value)} />
          </FormField>
        </EditDialog>
      )}
      {dialog === "delete" && (
        <Confirm
          title="Delete account alias?"
          button="Delete alias"
          warning="Users sign in with the account ID then. Another account can take the alias."
          work={() => iam().send(new DeleteAccountAliasCommand({ AccountAlias: alias.data }))}
          onDone={() => done(`Account alias ${alias.data} deleted.`)}
          onCancel={() => setDialog(undefined)}
        >
          Delete account alias <b className="break-anywhere">{alias.data}</b>?
        </Confirm>
      )}
    </Container>
  );
}
