import type { ServiceSpecificCredential } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { Copy } from "../../shared/copy";
import { csv, download } from "../../shared/download";
import { Secret } from "../../shared/secret";
import { Dialog } from "./dialog";
import { fileName, type Owner } from "./owner";
import type { Kind } from "./service-credentials";

/** Shows the secret of a credential this once. */
export function Made({ owner, kind, credential: c, onClose }: { owner: Owner; kind: Kind; credential: ServiceSpecificCredential; onClose: () => void }) {
  const secret = (kind.apiKey ? c.ServiceCredentialSecret : c.ServicePassword) ?? "";
  const keep = () => {
    const service = c.ServiceName!.split(".")[0]!;
    if (kind.apiKey) download(`${fileName(owner)}_${service}_api_key.csv`, csv(["API key"], [secret]), "text/csv");
    else download(`${fileName(owner)}_${service}_credentials.csv`, csv(["User Name", "Password"], [c.ServiceUserName!, secret]), "text/csv");
  };
  return (
    <Dialog title={kind.apiKey ? "API key" : "Generate credentials"} button="Close" telling onDo={onClose} onCancel={onClose}>
      <Alert type="info">
        This is the only time that the {kind.apiKey ? "API key" : "password"} can be viewed or downloaded. You can't recover it later; you can reset it at any time.
      </Alert>
      <KeyValuePairs
        items={
          kind.apiKey
            ? [{ label: "API key", value: <Secret text={secret} label="API key" /> }]
            : [
                { label: "User name", value: <Copy text={c.ServiceUserName!} label="User name" /> },
                { label: "Password", value: <Secret text={secret} label="Password" /> },
              ]
        }
      />
      <Button iconName="download" formAction="none" onClick={keep}>Download .csv file</Button>
    </Dialog>
  );
}
