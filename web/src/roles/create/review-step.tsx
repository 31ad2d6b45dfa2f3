import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import Textarea from "@cloudscape-design/components/textarea";
import { nameOfPolicy } from "../../permissions/attach";
import { typeOf } from "../../permissions/policy-type";
import { PolicyDocument } from "../../policy/policy-document";
import { TagFields, type Tag } from "../../shared/tags";
import { descriptionFault, nameFault } from "../name";
import type { Plan } from "./make";

interface Props {
  plan: Plan;
  put: (change: { name?: string; description?: string; tags?: Tag[]; suffix?: string }) => void;
  /** Faults are shown after the person has asked to create it. */
  asked: boolean;
  /** The role is made already, and only what follows was refused. */
  made: boolean;
  go: (step: number) => void;
}

/** "Name, review, and create". */
export function ReviewStep({ plan, put, asked, made, go }: Props) {
  const linked = plan.useCase?.linked;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Role details</Header>}>
        <SpaceBetween size="m">
          {linked ? (
            <FormField label={<>Custom suffix - <i>optional</i></>} description="The service names the role. Some services let you have several, told apart by a suffix.">
              <Input value={plan.suffix} spellcheck={false} onChange={(e) => put({ suffix: e.detail.value })} />
            </FormField>
          ) : (
            <FormField
              label="Role name"
              description="Enter a meaningful name to identify this role."
              constraintText="Maximum 64 characters. Use alphanumeric and '+=,.@-_' characters."
              errorText={asked || plan.name !== "" ? nameFault(plan.name) : undefined}
            >
              <Input value={plan.name} disabled={made} spellcheck={false} autoComplete={false} onChange={(e) => put({ name: e.detail.value })} />
            </FormField>
          )}
          <FormField label="Description" description="Add a short explanation for this role." constraintText="Maximum 1,000 characters." errorText={descriptionFault(plan.description)}>
            <Textarea value={plan.description} disabled={made} rows={2} onChange={(e) => put({ description: e.detail.value })} />
          </FormField>
        </SpaceBetween>
      </Container>
      <SpaceBetween size="s">
        <Header variant="h2" actions={<Button disabled={made} ariaLabel="Edit step 1" onClick={() => go(0)}>Edit</Button>}>Step 1: Select trusted entities</Header>
        <Container header={<Header variant="h3">Trust policy</Header>}>
          <PolicyDocument text={plan.trust} label="Trust policy" />
        </Container>
      </SpaceBetween>
      {!linked && (
        <SpaceBetween size="s">
          <Header variant="h2" actions={<Button ariaLabel="Edit step 2" onClick={() => go(1)}>Edit</Button>}>Step 2: Add permissions</Header>
          <Table<{ arn: string; as: string }>
            items={[...plan.policies.map((arn) => ({ arn, as: "Permissions policy" })), ...(plan.boundary ? [{ arn: plan.boundary, as: "Permissions boundary" }] : [])]}
            trackBy={(p) => p.as + p.arn}
            ariaLabels={{ tableLabel: "Permissions policy summary" }}
            header={<Header variant="h3">Permissions policy summary</Header>}
            empty="No policies: the role may do nothing until it has some."
            wrapLines
            columnDefinitions={[
              { id: "name", header: "Policy name", cell: (p) => <span className="break-anywhere">{nameOfPolicy(p.arn)}</span>, isRowHeader: true },
              { id: "type", header: "Type", cell: (p) => typeOf(p.arn) },
              { id: "as", header: "Attached as", cell: (p) => p.as },
            ]}
          />
        </SpaceBetween>
      )}
      {!linked && (
        <SpaceBetween size="s">
          <Header variant="h2">Step 3: Add tags</Header>
          <Container header={<Header variant="h3" description="Tags are key-value pairs that you can add to AWS resources to help identify, organize, or search for resources.">Add tags - <i>optional</i></Header>}>
            <TagFields tags={plan.tags} onChange={(tags) => put({ tags })} />
          </Container>
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}
