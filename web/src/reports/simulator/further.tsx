import Checkbox from "@cloudscape-design/components/checkbox";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { PolicyEditor } from "../../policy/editor";
import { emptyPolicy } from "../../policy/document";

interface Props {
  existing: boolean;
  boundary: string;
  onBoundary: (text: string) => void;
  resourcePolicy: string;
  onResourcePolicy: (text: string) => void;
  caller: string;
  onCaller: (arn: string) => void;
  owner: string;
  onOwner: (account: string) => void;
}

const openResource = `{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Statement1",
            "Effect": "Allow",
            "Principal": {},
            "Action": [],
            "Resource": []
        }
    ]
}`;

/** What may be asked with: a boundary, a resource's policy, who calls, who owns. */
export function Further(props: Props) {
  const { existing, boundary, resourcePolicy } = props;
  return (
    <SpaceBetween size="m">
      <ExpandableSection variant="container" headerText="Permissions boundary" headerDescription={existing ? "In place of the boundary that the user or role has." : "The most that the policies can allow."} defaultExpanded={boundary !== ""}>
        <SpaceBetween size="m">
          <Checkbox checked={boundary !== ""} onChange={(e) => props.onBoundary(e.detail.checked ? emptyPolicy : "")}>Simulate a permissions boundary</Checkbox>
          {boundary !== "" && <PolicyEditor kind="identity" mode="json" title="Permissions boundary" value={boundary} onChange={(text) => props.onBoundary(text || " ")} />}
        </SpaceBetween>
      </ExpandableSection>
      <ExpandableSection variant="container" headerText="Resource policy and caller" headerDescription="The policy of the resource that is called, who calls it, and whose it is." defaultExpanded={resourcePolicy !== ""}>
        <SpaceBetween size="m">
          <Checkbox checked={resourcePolicy !== ""} onChange={(e) => props.onResourcePolicy(e.detail.checked ? openResource : "")}>Simulate a resource policy</Checkbox>
          {resourcePolicy !== "" && <PolicyEditor kind="resource" title="Resource policy" value={resourcePolicy} onChange={(text) => props.onResourcePolicy(text || " ")} />}
          <FormField
            label={<>Caller ARN <i>- optional</i></>}
            description={existing ? "Who calls; the chosen user or role unless it is entered. With a group, enter a user." : "The user, role or session that calls. A resource policy needs one."}
          >
            <Input value={props.caller} placeholder="arn:aws:iam::111122223333:user/Bob" spellcheck={false} onChange={(e) => props.onCaller(e.detail.value)} />
          </FormField>
          <FormField label={<>Resource owner <i>- optional</i></>} description="The account of a resource whose ARN names none, such as an S3 bucket. This account unless it is entered.">
            <Input value={props.owner} placeholder="111122223333" spellcheck={false} onChange={(e) => props.onOwner(e.detail.value)} />
          </FormField>
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}
