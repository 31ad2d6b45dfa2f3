import { CreateOpenIDConnectProviderCommand, CreateSAMLProviderCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { ErrorAlert } from "../shared/errors";
import { at, go } from "../shared/link";
import { useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { TagFields, tagsAreGood, type Tag } from "../shared/tags";
import { Wanting } from "../shared/wanting";
import { emptyOpenID, openIDFaults, OpenIDFields, type OpenIDForm } from "./openid-fields";
import { nameOf, readThumbprints, type ProviderKind } from "./providers";
import { emptySaml, samlFaults, SamlFields, type SamlForm } from "./saml-fields";

async function createOpenID(form: OpenIDForm, Tags: Tag[]): Promise<string> {
  const thumbprints = readThumbprints(form.thumbprints);
  const out = await iam().send(
    new CreateOpenIDConnectProviderCommand({
      Url: form.url.trim(),
      ClientIDList: [form.audience.trim()],
      ThumbprintList: thumbprints.length > 0 ? thumbprints : undefined,
      Tags,
    }),
  );
  return out.OpenIDConnectProviderArn!;
}

async function createSaml(form: SamlForm, Tags: Tag[]): Promise<string> {
  const out = await iam().send(
    new CreateSAMLProviderCommand({
      Name: form.name,
      SAMLMetadataDocument: form.metadata!.text,
      AddPrivateKey: form.key?.text,
      AssertionEncryptionMode: form.key ? (form.required ? "Required" : "Allowed") : undefined,
      Tags,
    }),
  );
  return out.SAMLProviderArn!;
}

/** "Add an Identity provider". */
export default function AddProvider() {
  const [kind, setKind] = useState<ProviderKind>("saml");
  const [openID, setOpenID] = useState(emptyOpenID);
  const [saml, setSaml] = useState(emptySaml);
  const [tags, setTags] = useState<Tag[]>([]);
  const [asked, setAsked] = useState(false);
  const { busy, error, run, clear } = useWork();
  const faults = kind === "oidc" ? openIDFaults(openID) : samlFaults(saml);
  const submit = async () => {
    setAsked(true);
    if (busy || Object.keys(faults).length > 0 || !tagsAreGood(tags)) return;
    await run(async () => {
      const arn = await (kind === "oidc" ? createOpenID(openID, tags) : createSaml(saml, tags));
      notify("success", `Identity provider ${nameOf(arn)} added. To use it, assign a role to it.`);
      go(at("identity-providers", arn));
    });
  };
  return (
    <Page title="Add an identity provider" above={[["Identity providers", "/identity-providers"]]}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void submit();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={() => go("/identity-providers")}>Cancel</Button>
              <ActionButton variant="primary" formAction="submit" loading={busy} action={kind === "oidc" ? "iam:CreateOpenIDConnectProvider" : "iam:CreateSAMLProvider"}>
                Add provider
              </ActionButton>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="l">
            <Wanting action={kind === "oidc" ? "iam:CreateOpenIDConnectProvider" : "iam:CreateSAMLProvider"} />
            <Container header={<Header variant="h2">Configure provider</Header>}>
              <SpaceBetween size="m">
                <Tiles
                  ariaLabel="Provider type"
                  value={kind}
                  onChange={(e) => {
                    setKind(e.detail.value as ProviderKind);
                    setAsked(false);
                    clear();
                  }}
                  items={[
                    { value: "saml", label: "SAML", description: "Establish trust between your AWS account and a SAML 2.0 compatible identity provider such as Shibboleth or Active Directory Federation Services." },
                    { value: "oidc", label: "OpenID Connect", description: "Establish trust between your AWS account and identity provider services, such as Google, GitHub or Keycloak." },
                  ]}
                />
                {kind === "oidc" ? (
                  <OpenIDFields form={openID} onChange={setOpenID} faults={asked ? faults : {}} />
                ) : (
                  <SamlFields form={saml} onChange={setSaml} faults={asked ? faults : {}} />
                )}
              </SpaceBetween>
            </Container>
            <Container header={<Header variant="h2" description="Tags are key-value pairs that you can add to AWS resources to help identify, organize, or search for resources.">Add tags - <i>optional</i></Header>}>
              <TagFields tags={tags} onChange={setTags} />
            </Container>
            <ErrorAlert error={error} header="The provider was not added" />
          </SpaceBetween>
        </Form>
      </form>
    </Page>
  );
}
