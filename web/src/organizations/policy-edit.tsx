import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Textarea from "@cloudscape-design/components/textarea";
import { CreatePolicyCommand, DescribePolicyCommand, UpdatePolicyCommand, type PolicyType } from "@aws-sdk/client-organizations";
import { useState } from "react";
import { useParams } from "wouter";
import { organizations } from "../aws";
import { laidOut } from "../permissions/policies";
import { JSONEditor } from "../policy/json-editor";
import { PolicyEditor } from "../policy/editor";
import { ActionButton } from "../shared/action-button";
import { ErrorAlert } from "../shared/errors";
import { LeavePage } from "../shared/leave-page";
import { at, go } from "../shared/link";
import { useLoad, useWork } from "../shared/load";
import { Missing } from "../shared/missing";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { TagFields, tagsAreGood, type Tag } from "../shared/tags";
import { OnlyManagement } from "./only-management";
import { firstDocument, policyKind } from "./policy-types";

interface Edited {
  id?: string; // none for a new policy
  arn?: string;
  type: string;
  name: string;
  description: string;
  content: string;
}

/** Creates an organization policy of a type, or edits one. */
export default function PolicyEditPage() {
  return (
    <OnlyManagement title="Organization policies" what="manage its policies" delegated>
      <PolicyEdit />
    </OnlyManagement>
  );
}

function PolicyEdit() {
  const { id, type } = useParams<{ id?: string; type?: string }>();
  const found = useLoad(async (): Promise<Edited> => {
    if (id === undefined) return { type: type!, name: "", description: "", content: firstDocument(type!) };
    const policy = (await (await organizations()).send(new DescribePolicyCommand({ PolicyId: id }))).Policy!;
    const { Arn, Name, Description, Type } = policy.PolicySummary!;
    return { id, arn: Arn, type: Type!, name: Name!, description: Description ?? "", content: readable(policy.Content!, policyKind(Type!).limit) };
  }, [id, type]);
  if (found.error !== undefined && !found.data) {
    return <Missing noun="organization policy" name={id ?? ""} list={["Organization policies", "/organizations/policies"]} error={found.error} onRetry={found.reload} />;
  }
  if (!found.data) return <Page title="Edit policy"><Box textAlign="center"><Spinner /></Box></Page>;
  return <Fields key={id ?? type} begin={found.data} />;
}

/** A document laid out over lines, unless it would be too long then: white space counts. */
function readable(content: string, limit: number): string {
  const text = laidOut(content);
  return [...text].length <= limit ? text : content;
}

function Fields({ begin }: { begin: Edited }) {
  const kind = policyKind(begin.type);
  const list = at("organizations", "policies", kind.type);
  const [policy, setPolicy] = useState(begin);
  const [tags, setTags] = useState<Tag[]>([]);
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useWork();
  const put = (change: Partial<Edited>) => setPolicy((p) => ({ ...p, ...change }));
  const nameFault = policy.name.trim() === "" ? "Enter a name." : undefined;
  const submit = async () => {
    setAsked(true);
    if (busy || nameFault || !tagsAreGood(tags)) return;
    let id = begin.id;
    const good = await run(async () => {
      const client = await organizations();
      const Name = policy.name.trim();
      if (id) {
        await client.send(new UpdatePolicyCommand({ PolicyId: id, Name, Description: policy.description, Content: policy.content === begin.content ? undefined : policy.content }));
        return;
      }
      const made = await client.send(
        new CreatePolicyCommand({ Name, Description: policy.description, Content: policy.content, Type: begin.type as PolicyType, Tags: tags }),
      );
      id = made.Policy!.PolicySummary!.Id!;
    });
    if (!good) return;
    go(at("organizations", "policy", id!));
    notify("success", begin.id ? "Policy updated." : "Policy created. Attach it to a unit or an account to have it bind.");
  };
  return (
    <Page
      title={begin.id ? `Edit ${begin.name}` : `Create new ${kind.one}`}
      above={[["AWS accounts", "/organizations"], ["Organization policies", "/organizations/policies"], [kind.name, list]]}
    >
      <LeavePage filled={policy !== begin || tags.length > 0} />
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => go(begin.id ? at("organizations", "policy", begin.id) : list)}>Cancel</Button>
            <ActionButton action={begin.id ? "organizations:UpdatePolicy" : "organizations:CreatePolicy"} resource={begin.arn} variant="primary" loading={busy} onClick={submit}>
              {begin.id ? "Save changes" : "Create policy"}
            </ActionButton>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          <ErrorAlert error={error} />
          <Container header={<Header>Details</Header>}>
            <SpaceBetween size="m">
              <FormField label="Policy name" errorText={asked && nameFault}>
                <Input value={policy.name} autoComplete={false} onChange={(e) => put({ name: e.detail.value })} />
              </FormField>
              <FormField label={<>Policy description <i>- optional</i></>}>
                <Textarea value={policy.description} rows={2} onChange={(e) => put({ description: e.detail.value })} />
              </FormField>
            </SpaceBetween>
          </Container>
          {kind.editor ? (
            <PolicyEditor value={policy.content} kind={kind.editor} onChange={(content) => put({ content })} />
          ) : (
            <JSONEditor value={policy.content} label={`Content of the ${kind.one}`} onChange={(content) => put({ content })} />
          )}
          {!begin.id && (
            <Container header={<Header>Tags - optional</Header>}>
              <TagFields tags={tags} onChange={setTags} />
            </Container>
          )}
        </SpaceBetween>
      </Form>
    </Page>
  );
}
