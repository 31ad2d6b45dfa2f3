import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Copy } from "../shared/copy";
import { download } from "../shared/download";
import { at, go } from "../shared/link";
import { Page } from "../shared/page";
import { Secret } from "../shared/secret";
import { useUnsaved } from "../shared/unsaved";
import { above } from "./above";
import { credentialsFile } from "./credentials";
import { HowToCall } from "./how-to-call";
import type { Registered } from "./registrations";

/** The credentials of a new application, which are seen here and never again. */
export function KeepRegistered({ made }: { made: Registered }) {
  const [kept, setKept] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const unsaved = useUnsaved(!kept);
  const on = () => go(at("app-registrations", made.client_id));
  const keep = () => {
    const file = credentialsFile(made);
    download(file.name, file.text, "text/csv");
    setKept(true);
  };
  return (
    <Page title="Retrieve credentials" above={above}>
      <Alert type="success" header={<span className="break-anywhere">Application {made.name} registered</span>}>
        This is the only time that the client secret and the refresh token can be viewed or downloaded. You cannot recover them later. However, you can
        rotate the secret and authorize the application again any time.
      </Alert>
      <Container header={<Header>Credentials</Header>}>
        <KeyValuePairs
          columns={2}
          minColumnWidth={260}
          items={[
            { label: "Client ID", value: <Copy text={made.client_id} label="Client ID" /> },
            { label: "Client secret", value: <Secret text={made.client_secret} label="Client secret" /> },
            { label: "Selling partner ID", value: <Copy text={made.selling_partner_id} label="Selling partner ID" /> },
            { label: "Refresh token", value: <Secret text={made.refresh_token} label="Refresh token" /> },
          ]}
        />
      </Container>
      <HowToCall clientId={made.client_id} signer={made.iam_arn} />
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="download" onClick={keep}>Download .csv file</Button>
          <Button variant="primary" onClick={() => (kept ? on() : setLeaving(true))}>Done</Button>
        </SpaceBetween>
      </Box>
      {unsaved.asked && <Leave onStay={unsaved.stay} onLeave={unsaved.go} />}
      {leaving && <Leave onStay={() => setLeaving(false)} onLeave={on} />}
    </Page>
  );
}

/** Asks whether one means to go without the secret. */
function Leave({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  return (
    <Modal
      visible
      header="Continue without downloading the credentials?"
      closeAriaLabel="Close"
      onDismiss={onStay}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onStay}>Cancel</Button>
            <Button variant="primary" onClick={onLeave}>Continue</Button>
          </SpaceBetween>
        </Box>
      }
    >
      You did not download the .csv file. The client secret and the refresh token can't be viewed or downloaded after you leave this page.
    </Modal>
  );
}
