import { CreatePolicyCommand } from "@aws-sdk/client-iam";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { iam } from "../aws";
import { faultOfName } from "../permissions/name";
import { PolicyWizard } from "../permissions/policy-wizard";
import { emptyPolicy } from "../policy/document";
import { PolicySummary } from "../policy/policy-summary";
import { at, follow, go, link } from "../shared/link";
import { notify } from "../shared/notify";
import { TagFields, tagsAreGood, type Tag } from "../shared/tags";

const longest = 1000; // characters of a description

/** "/policies/create". */
export default function CreatePolicy() {
  const [text, setText] = useState(emptyPolicy);
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [tags, setTags] = useState<Tag[]>([]);
  const [tried, setTried] = useState(false);
  const fault = faultOfName(name) ?? (description.length > longest ? "The description is too long." : undefined) ?? (tagsAreGood(tags) ? undefined : "Correct the tags.");
  const save = async () => {
    const { Policy } = await iam().send(
      new CreatePolicyCommand({ PolicyName: name, PolicyDocument: text, Description: description || undefined, Tags: tags.length > 0 ? tags : undefined }),
    );
    notify("success", `Policy ${name} created.`, <Link {...link(at("policies", Policy!.Arn!))} onFollow={follow} color="inverted">View policy</Link>);
    go("/policies");
  };
  return (
    <PolicyWizard
      title="Create policy"
      above={[["Policies", "/policies"]]}
      back="/policies"
      text={text}
      onText={setText}
      reviewTitle="Review and create"
      reviewDescription="Review the permissions, specify details, and tags."
      submit="Create policy"
      action="iam:CreatePolicy"
      reviewFault={fault}
      onSubmit={save}
      review={
        <SpaceBetween size="l">
          <Container header={<Header>Policy details</Header>}>
            <SpaceBetween size="l">
              <FormField
                label="Policy name"
                description="Enter a meaningful name to identify this policy."
                constraintText="Maximum 128 characters. Use alphanumeric and '+=,.@-_' characters."
                errorText={tried && faultOfName(name)}
              >
                <Input value={name} onChange={(e) => (setTried(true), setName(e.detail.value.trim()))} autoComplete={false} />
              </FormField>
              <FormField
                label={<>Description <i>- optional</i></>}
                description="Add a short explanation for this policy."
                constraintText="Maximum 1,000 characters. It can't be changed later."
                errorText={description.length > longest && `The description has ${description.length} characters.`}
              >
                <Textarea value={description} onChange={(e) => setDescription(e.detail.value)} rows={3} />
              </FormField>
            </SpaceBetween>
          </Container>
          <Container>
            <PolicySummary document={text} />
          </Container>
          <Container header={<Header description="Tags are key-value pairs that you can add to AWS resources to help identify, organize, or search for resources.">Add tags - optional</Header>}>
            <TagFields tags={tags} onChange={setTags} />
          </Container>
        </SpaceBetween>
      }
    />
  );
}
