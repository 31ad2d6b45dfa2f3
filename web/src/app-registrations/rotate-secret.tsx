import Alert from "@cloudscape-design/components/alert";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useState } from "react";
import { Confirm } from "../shared/confirm";
import { Copy } from "../shared/copy";
import { Secret } from "../shared/secret";
import { showTime } from "../shared/time";
import { Dialog } from "../users/credentials/dialog";
import { rotateSecret, type Registration, type Rotated } from "./registrations";

/** Asks, gives an application a new secret, and tells it once. */
export function RotateSecret({ app, onClose }: { app: Registration; onClose: () => void }) {
  const [made, setMade] = useState<Rotated>();
  if (made) return <Made app={app} made={made} onClose={onClose} />;
  return (
    <Confirm
      title="Rotate client secret?"
      button="Rotate"
      warning="If the secret was rotated within the last seven days, the one before the present stops working now."
      work={async () => setMade(await rotateSecret(app.client_id))}
      onDone={() => {}}
      onCancel={onClose}
    >
      <b className="break-anywhere">{app.name}</b> gets a new client secret. The present one works for seven more days. Refresh tokens stay as they are.
    </Confirm>
  );
}

function Made({ app, made, onClose }: { app: Registration; made: Rotated; onClose: () => void }) {
  return (
    <Dialog title="Client secret rotated" button="Close" telling onDo={onClose} onCancel={onClose}>
      <Alert type="info">This is the only time that the new client secret can be viewed. You can't recover it later; you can rotate it again any time.</Alert>
      <KeyValuePairs
        items={[
          { label: "Client ID", value: <Copy text={app.client_id} label="Client ID" /> },
          { label: "New client secret", value: <Secret text={made.client_secret} label="New client secret" /> },
          { label: "The old secret ends", value: showTime(made.old_secret_expires) },
        ]}
      />
    </Dialog>
  );
}
