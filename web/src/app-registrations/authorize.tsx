import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import RadioGroup from "@cloudscape-design/components/radio-group";
import { useState } from "react";
import { Copy } from "../shared/copy";
import { useWork } from "../shared/load";
import { Secret } from "../shared/secret";
import { Dialog } from "../users/credentials/dialog";
import { Command } from "./command";
import { tokenCommand } from "./credentials";
import { PartnerField } from "./partner-field";
import { authorize, type Authorized, type Registration } from "./registrations";
import { partnerFault } from "./words";

interface Props {
  app: Registration;
  onMade: () => void;
  onClose: () => void;
}

/** Authorizes an application for a selling partner, and tells once what that gives. */
export function Authorize({ app, onMade, onClose }: Props) {
  const [partner, setPartner] = useState("");
  const [gives, setGives] = useState("token");
  const [asked, setAsked] = useState(false);
  const [made, setMade] = useState<Authorized>();
  const { busy, error, run } = useWork();
  const fault = partnerFault(partner);
  if (made) return <Made app={app} made={made} onClose={onClose} />;
  const send = async () => {
    setMade(await authorize(app.client_id, { selling_partner_id: partner || undefined, code: gives === "code" || undefined }));
    onMade();
  };
  return (
    <Dialog
      title="Authorize application"
      button="Authorize"
      busy={busy}
      error={error}
      onCancel={onClose}
      onDo={() => {
        setAsked(true);
        if (!fault) void run(send);
      }}
    >
      <PartnerField
        value={partner}
        onChange={setPartner}
        errorText={asked ? fault : undefined}
        description="The seller or vendor that lets the application act for it. One that did so before stays authorized, and its earlier tokens stay good."
      />
      <FormField label="Result">
        <RadioGroup
          value={gives}
          onChange={(e) => setGives(e.detail.value)}
          items={[
            { value: "token", label: "Refresh token", description: "For an application that the selling partner authorizes itself." },
            { value: "code", label: "Authorization code", description: "As an application gets it from Seller Central, to exchange it within five minutes." },
          ]}
        />
      </FormField>
    </Dialog>
  );
}

function Made({ app, made, onClose }: { app: Registration; made: Authorized; onClose: () => void }) {
  const code = made.spapi_oauth_code;
  return (
    <Dialog title="Application authorized" button="Close" telling onDo={onClose} onCancel={onClose}>
      <Alert type="info">
        {code !== undefined
          ? "This is the only time that the authorization code can be viewed. It can be exchanged once, within five minutes."
          : "This is the only time that the refresh token can be viewed. You can't recover it later; you can authorize the application again any time."}
      </Alert>
      <KeyValuePairs
        items={[
          { label: "Selling partner ID", value: <Copy text={made.selling_partner_id} label="Selling partner ID" /> },
          code !== undefined
            ? { label: "Authorization code", value: <Secret text={code} label="Authorization code" /> }
            : { label: "Refresh token", value: <Secret text={made.refresh_token ?? ""} label="Refresh token" /> },
        ]}
      />
      {code !== undefined && <Command text={tokenCommand(location.origin, app.client_id, "authorization_code")} label="command that exchanges the code" />}
    </Dialog>
  );
}
