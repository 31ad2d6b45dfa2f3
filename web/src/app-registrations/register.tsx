import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useSession } from "../session";
import { ActionButton } from "../shared/action-button";
import { ErrorAlert } from "../shared/errors";
import { LeavePage } from "../shared/leave-page";
import { go } from "../shared/link";
import { useWork } from "../shared/load";
import { Page } from "../shared/page";
import { Wanting } from "../shared/wanting";
import { above } from "./above";
import { PartnerField } from "./partner-field";
import { KeepRegistered } from "./registered";
import { arnOf, register, type Registered } from "./registrations";
import { SignerField } from "./signer-field";
import { nameFault, partnerFault, signerFault } from "./words";

/** "Register application", and then what it tells once. */
export default function RegisterApplication() {
  const [made, setMade] = useState<Registered>();
  return made ? <KeepRegistered made={made} /> : <Fields onMade={setMade} />;
}

function Fields({ onMade }: { onMade: (made: Registered) => void }) {
  const account = useSession()!.account.id;
  const [name, setName] = useState("");
  const [signer, setSigner] = useState("");
  const [partner, setPartner] = useState("");
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const faults = { name: nameFault(name), signer: signerFault(signer.trim(), account), partner: partnerFault(partner) };
  const may = { action: "sellingpartnerapi:RegisterApplication", resource: arnOf(account, "*") };
  const submit = async () => {
    setAsked(true);
    if (busy || Object.values(faults).some(Boolean)) return;
    await run(async () => onMade(await register({ name, iam_arn: signer.trim(), selling_partner_id: partner || undefined })));
  };
  return (
    <Page title="Register application" above={above}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void submit();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={() => go("/app-registrations")}>Cancel</Button>
              <ActionButton variant="primary" formAction="submit" loading={busy} {...may}>Register application</ActionButton>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="l">
            <Wanting {...may} />
            <Container header={<Header>Application details</Header>}>
              <SpaceBetween size="m">
                <FormField label="Name" constraintText="Maximum 128 characters." errorText={asked && faults.name}>
                  <Input value={name} autoComplete={false} onChange={(e) => setName(e.detail.value)} />
                </FormField>
                <SignerField value={signer} onChange={setSigner} errorText={asked ? faults.signer : undefined} />
                <PartnerField value={partner} onChange={setPartner} errorText={asked ? faults.partner : undefined} description="The seller or vendor that authorizes the application now. Others can do so later." />
              </SpaceBetween>
            </Container>
            <ErrorAlert error={error} header="The application was not registered" />
          </SpaceBetween>
        </Form>
      </form>
      <LeavePage filled={name !== "" || signer !== "" || partner !== ""} />
    </Page>
  );
}
