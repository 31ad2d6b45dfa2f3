import { GetOpenIDConnectProviderCommand } from "@aws-sdk/client-iam";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { iam } from "../../aws";
import { ErrorAlert } from "../../shared/errors";
import { useLoad } from "../../shared/load";
import { issuerOf } from "../trust";
import { ConditionsField } from "./conditions-field";
import type { StepProps } from "./entity-step";
import { isGitHub } from "./form";
import { ProviderField } from "./provider-field";

/** A provider and its audience; for GitHub, the repositories too. */
export function WebIdentityTrust({ form, put, faults }: StepProps) {
  const provider = useLoad(async () => (form.openID ? iam().send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: form.openID })) : undefined), [form.openID]);
  const audiences = (provider.data?.ClientIDList ?? []).map((value) => ({ value }));
  const issuer = issuerOf(form.openID);
  const place = (change: Partial<typeof form.github>) => put({ github: { ...form.github, ...change } });
  return (
    <Container header={<Header variant="h2" description="Allow users federated by the specified external web identity provider to assume this role to perform actions in this account.">Web identity</Header>}>
      <SpaceBetween size="m">
        <ErrorAlert error={provider.error} onRetry={provider.reload} />
        <ProviderField kind="oidc" value={form.openID} errorText={faults.openID} onChange={(openID) => put({ openID, audience: "", extra: [] })} />
        {form.openID && (
          <FormField label="Audience" description="Whom the provider's tokens must be for." errorText={faults.audience}>
            <Select
              placeholder="Select Audience"
              statusType={provider.loading ? "loading" : "finished"}
              loadingText="Loading audiences"
              empty="The provider has no audiences. Add one on its page first."
              options={audiences}
              selectedOption={form.audience ? { value: form.audience } : null}
              onChange={(e) => put({ audience: e.detail.selectedOption.value! })}
            />
          </FormField>
        )}
        {isGitHub(form.openID) && (
          <SpaceBetween size="m">
            <FormField label="GitHub organization" errorText={faults.organization}>
              <Input value={form.github.organization} spellcheck={false} onChange={(e) => place({ organization: e.detail.value })} />
            </FormField>
            <FormField label={<>GitHub repository - <i>optional</i></>} description="Without one, all of the organization's repositories can take the role.">
              <Input value={form.github.repository} spellcheck={false} onChange={(e) => place({ repository: e.detail.value })} />
            </FormField>
            <FormField label={<>GitHub branch - <i>optional</i></>} description="Without one, all branches, tags and environments can take the role.">
              <Input value={form.github.branch} spellcheck={false} onChange={(e) => place({ branch: e.detail.value })} />
            </FormField>
          </SpaceBetween>
        )}
        {form.openID && (
          <ConditionsField keys={["aud", "sub", "amr"].map((k) => `${issuer}:${k}`)} conditions={form.extra} errorText={faults.extra} onChange={(extra) => put({ extra })} />
        )}
      </SpaceBetween>
    </Container>
  );
}
