import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs from "@cloudscape-design/components/tabs";
import { paginateListPolicyTags, TagPolicyCommand, UntagPolicyCommand, type Policy } from "@aws-sdk/client-iam";
import { useState } from "react";
import { iam } from "../aws";
import { nameOfPolicy } from "../permissions/attach";
import { findPolicy, policyDocument } from "../permissions/policies";
import { PolicyView } from "../permissions/policy-view";
import { isAwsManaged, typeOf } from "../permissions/policy-type";
import { LastAccessedTab } from "../reports/last-accessed-tab";
import { ActionButton } from "../shared/action-button";
import { Copy } from "../shared/copy";
import { at, go, href } from "../shared/link";
import { collect, useLoad } from "../shared/load";
import { Missing } from "../shared/missing";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { TagsTab, type Tag } from "../shared/tags";
import { showTime } from "../shared/time";
import { DeletePolicy } from "./delete-policy";
import { EntitiesTab } from "./entities-tab";
import { VersionsTab } from "./versions-tab";

const above: [string, string][] = [["Policies", "/policies"]];

/** "/policies/ARN": what a policy says, who has it, and what it said before. */
export default function PolicyPage() {
  const arn = useParam("arn");
  const policy = useLoad(() => findPolicy(arn), [arn]);
  if (policy.data) return <Details key={arn} policy={policy.data} onChange={policy.reload} />;
  if (policy.error !== undefined) return <Missing noun="policy" name={nameOfPolicy(arn)} list={above[0]!} error={policy.error} onRetry={policy.reload} />;
  return <Page title={nameOfPolicy(arn)} above={above}><Spinner size="large" /></Page>;
}

function Details({ policy, onChange }: { policy: Policy; onChange: () => void }) {
  const arn = policy.Arn!;
  const own = !isAwsManaged(arn);
  const [deleting, setDeleting] = useState(false);
  return (
    <Page
      title={policy.PolicyName!}
      above={above}
      description={policy.Description}
      actions={own && <ActionButton action="iam:DeletePolicy" resource={arn} onClick={() => setDeleting(true)}>Delete</ActionButton>}
    >
      <Container header={<Header>Policy details</Header>}>
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Type", value: typeOf(arn) },
            { label: "Creation time", value: showTime(policy.CreateDate) },
            { label: "Edited time", value: showTime(policy.UpdateDate) },
            { label: "ARN", value: <span className="break-anywhere"><Copy text={arn} label="ARN" /></span> },
          ]}
        />
      </Container>
      <Tabs
        ariaLabel="About this policy"
        tabs={[
          { id: "permissions", label: "Permissions", content: <Permissions policy={policy} own={own} /> },
          { id: "entities", label: "Entities attached", content: <EntitiesTab policy={policy} onChange={onChange} /> },
          ...(own ? [{ id: "tags", label: "Tags", content: <Tags arn={arn} /> }] : []),
          { id: "versions", label: "Policy versions", content: <VersionsTab policy={policy} onChange={onChange} /> },
          { id: "accessed", label: "Last Accessed", content: <LastAccessedTab arn={arn} /> },
        ]}
      />
      {deleting && (
        <DeletePolicy
          policy={policy}
          onCancel={() => setDeleting(false)}
          onDone={() => {
            notify("success", `Policy ${policy.PolicyName} deleted.`);
            go("/policies");
          }}
        />
      )}
    </Page>
  );
}

function Permissions({ policy, own }: { policy: Policy; own: boolean }) {
  const arn = policy.Arn!;
  return (
    <Container header={<Header description="What the version in force allows and denies.">Permissions</Header>}>
      <PolicyView
        first="summary"
        label={policy.PolicyName!}
        load={() => policyDocument(arn, policy.DefaultVersionId)}
        deps={[arn, policy.DefaultVersionId]}
        actions={own && <ActionButton action="iam:CreatePolicyVersion" resource={arn} href={href(at("policies", arn, "edit"))}>Edit</ActionButton>}
      />
    </Container>
  );
}

function Tags({ arn }: { arn: string }) {
  return (
    <TagsTab
      tagAction="iam:TagPolicy"
      untagAction="iam:UntagPolicy"
      resource={arn}
      load={() => collect(paginateListPolicyTags({ client: iam() }, { PolicyArn: arn }), (p) => p.Tags as Tag[])}
      tag={(Tags) => iam().send(new TagPolicyCommand({ PolicyArn: arn, Tags }))}
      untag={(TagKeys) => iam().send(new UntagPolicyCommand({ PolicyArn: arn, TagKeys }))}
    />
  );
}
