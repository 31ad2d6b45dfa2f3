import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs from "@cloudscape-design/components/tabs";
import { ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-organizations";
import { organizations } from "../aws";
import { Copy } from "../shared/copy";
import { ErrorAlert } from "../shared/errors";
import { at, follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { TagsTab, type Tag } from "../shared/tags";
import { showTime } from "../shared/time";
import { InEffect } from "./in-effect";
import { TargetPolicies } from "./target-policies";
import { State } from "./tree-table";
import { find, findOrganization, kindNames, line, loadTree, type Node } from "./tree";

/** A root, an organizational unit or an account: its policies, and what binds it. */
export default function TargetPage() {
  const id = useParam("id");
  const found = useLoad(async () => {
    const organization = await findOrganization();
    if (!organization) throw new Error("This account is in no organization.");
    const node = find(await loadTree(organization), id);
    if (!node) throw new Error(`There is no ${id} in the organization.`);
    return node;
  }, [id]);
  const node = found.data;
  const above: [string, string][] = [["AWS accounts", "/organizations"]];
  if (!node) {
    return (
      <Page title={id} above={above}>
        {found.loading ? <Box textAlign="center"><Spinner /></Box> : <ErrorAlert error={found.error} onRetry={found.reload} />}
      </Page>
    );
  }
  return (
    <Page title={node.name} above={above}>
      <Container header={<Header>{kindNames[node.kind]} details</Header>}>
        <Details node={node} />
      </Container>
      <Tabs
        ariaLabel={`About ${node.name}`}
        tabs={[
          ...(node.kind === "account" ? [] : [{ id: "children", label: "Children", content: <Children node={node} /> }]),
          { id: "policies", label: "Policies", content: <TargetPolicies node={node} /> },
          { id: "effect", label: "In effect", content: <InEffect node={node} /> },
          {
            id: "tags",
            label: "Tags",
            content: (
              <TagsTab
                tagAction="organizations:TagResource"
                untagAction="organizations:UntagResource"
                resource={node.arn}
                load={async () => ((await (await organizations()).send(new ListTagsForResourceCommand({ ResourceId: node.id }))).Tags ?? []) as Tag[]}
                tag={async (Tags) => (await organizations()).send(new TagResourceCommand({ ResourceId: node.id, Tags }))}
                untag={async (TagKeys) => (await organizations()).send(new UntagResourceCommand({ ResourceId: node.id, TagKeys }))}
              />
            ),
          },
        ]}
      />
    </Page>
  );
}

function Details({ node }: { node: Node }) {
  const role = `/switch-role?account=${node.id}&roleName=OrganizationAccountAccessRole&displayName=${encodeURIComponent(node.name)}`;
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: "ID", value: <Copy text={node.id} label="ID" /> },
        { label: "ARN", value: <Copy text={node.arn} label="ARN" /> },
        { label: "Stands in", value: line(node).slice(0, -1).map((n) => n.name).join(" / ") || "-" },
        ...(node.kind === "account"
          ? [
              { label: "Email", value: node.email ?? "-" },
              { label: "Status", value: <State state={node.state ?? "-"} /> },
              { label: node.method === "CREATED" ? "Created" : "Joined", value: showTime(node.joined) },
              ...(node.management ? [] : [{ label: "Work in this account", value: <Link {...link(role)} onFollow={follow}>Switch to its role OrganizationAccountAccessRole</Link> }]),
            ]
          : []),
      ]}
    />
  );
}

function Children({ node }: { node: Node }) {
  if (node.children.length === 0) return <Box padding="m">Nothing stands here. Move accounts to it on the page of AWS accounts.</Box>;
  return (
    <ul>
      {node.children.map((c) => (
        <li key={c.id}>
          <Link {...link(at("organizations", "targets", c.id))} onFollow={follow}>{c.name}</Link> ({kindNames[c.kind].toLowerCase()} {c.id})
        </li>
      ))}
    </ul>
  );
}
