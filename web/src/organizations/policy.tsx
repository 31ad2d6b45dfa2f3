import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs from "@cloudscape-design/components/tabs";
import {
  DescribePolicyCommand, DetachPolicyCommand, ListTagsForResourceCommand, paginateListTargetsForPolicy, TagResourceCommand, UntagResourceCommand,
  type PolicyTargetSummary,
} from "@aws-sdk/client-organizations";
import { useState } from "react";
import { organizations } from "../aws";
import { laidOut } from "../permissions/policies";
import { PolicyDocument } from "../policy/policy-document";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { Copy } from "../shared/copy";
import { at, follow, href, link } from "../shared/link";
import { collect, useLoad } from "../shared/load";
import { Missing } from "../shared/missing";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { ResourceTable } from "../shared/resource-table";
import { TagsTab, type Tag } from "../shared/tags";
import { policyKind } from "./policy-types";

/** One organization policy: what it says, and to what it is attached. */
export default function OrganizationPolicy() {
  const id = useParam("id");
  const found = useLoad(async () => (await (await organizations()).send(new DescribePolicyCommand({ PolicyId: id }))).Policy!, [id]);
  const policy = found.data;
  const above: [string, string][] = [["AWS accounts", "/organizations"], ["Organization policies", "/organizations/policies"]];
  if (found.error !== undefined && !policy) return <Missing noun="organization policy" name={id} list={above[1]!} error={found.error} onRetry={found.reload} />;
  if (!policy?.PolicySummary) return <Page title={id} above={above}><Box textAlign="center"><Spinner /></Box></Page>;
  const summary = policy.PolicySummary;
  const kind = policyKind(summary.Type!);
  return (
    <Page
      title={summary.Name!}
      above={[...above, [kind.name, at("organizations", "policies", kind.type)]]}
      actions={
        summary.AwsManaged ? (
          <Button disabled disabledReason="AWS managed policies can't be changed">Edit policy</Button>
        ) : (
          <ActionButton action="organizations:UpdatePolicy" resource={summary.Arn} href={href(at("organizations", "policy", id, "edit"))}>Edit policy</ActionButton>
        )
      }
    >
      <Container header={<Header>Policy details</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: "Policy ID", value: <Copy text={id} label="Policy ID" /> },
            { label: "Type", value: kind.name },
            { label: "Kind", value: summary.AwsManaged ? "AWS managed" : "Customer managed" },
            { label: "ARN", value: <Copy text={summary.Arn!} label="ARN" /> },
            { label: "Description", value: summary.Description || "-" },
          ]}
        />
      </Container>
      <Tabs
        ariaLabel="About the policy"
        tabs={[
          { id: "content", label: "Content", content: <PolicyDocument text={laidOut(policy.Content ?? "")} /> },
          { id: "targets", label: "Targets", content: <Targets id={id} name={summary.Name!} /> },
          ...(summary.AwsManaged
            ? []
            : [{
                id: "tags", label: "Tags",
                content: (
                  <TagsTab
                    tagAction="organizations:TagResource" untagAction="organizations:UntagResource" resource={summary.Arn!}
                    load={async () => ((await (await organizations()).send(new ListTagsForResourceCommand({ ResourceId: id }))).Tags ?? []) as Tag[]}
                    tag={async (Tags) => (await organizations()).send(new TagResourceCommand({ ResourceId: id, Tags }))}
                    untag={async (TagKeys) => (await organizations()).send(new UntagResourceCommand({ ResourceId: id, TagKeys }))}
                  />
                ),
              }]),
        ]}
      />
    </Page>
  );
}

function Targets({ id, name }: { id: string; name: string }) {
  const list = useLoad(async () => collect(paginateListTargetsForPolicy({ client: await organizations() }, { PolicyId: id }), (p) => p.Targets), [id]);
  const [chosen, setChosen] = useState<PolicyTargetSummary[]>([]);
  const [detaching, setDetaching] = useState(false);
  const one = chosen[0];
  const kinds: Record<string, string> = { ROOT: "Root", ORGANIZATIONAL_UNIT: "Organizational unit", ACCOUNT: "Account" };
  return (
    <>
      <ResourceTable<PolicyTargetSummary>
        noun="targets"
        header="Targets"
        description="To attach the policy to more, open a unit or an account."
        items={list.data}
        loading={list.loading}
        error={list.error}
        onReload={list.reload}
        idOf={(t) => t.TargetId!}
        selection="single"
        selected={chosen}
        onSelect={setChosen}
        empty={<Box textAlign="center" padding="m">Attached to nothing. <Link {...link("/organizations")} onFollow={follow}>Choose a unit or an account</Link></Box>}
        actions={<ActionButton action="organizations:DetachPolicy" disabled={!one} disabledReason="Select a target first" onClick={() => setDetaching(true)}>Detach</ActionButton>}
        columns={[
          { id: "name", header: "Name", isRowHeader: true, sortingField: "Name", cell: (t) => <Link {...link(at("organizations", "targets", t.TargetId!))} onFollow={follow}>{t.Name}</Link> },
          { id: "type", header: "Type", cell: (t) => kinds[t.Type ?? ""] ?? t.Type },
          { id: "id", header: "ID", cell: (t) => t.TargetId },
        ]}
      />
      {detaching && one && (
        <Confirm
          title={`Detach ${name} from ${one.Name}?`}
          button="Detach policy"
          work={async () => (await organizations()).send(new DetachPolicyCommand({ PolicyId: id, TargetId: one.TargetId }))}
          onCancel={() => setDetaching(false)}
          onDone={() => {
            notify("success", `${name} detached from ${one.Name}.`);
            setDetaching(false);
            setChosen([]);
            list.reload();
          }}
        >
          It no longer binds what stands there.
        </Confirm>
      )}
    </>
  );
}
