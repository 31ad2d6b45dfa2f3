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
import { at, follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { Missing } from "../shared/missing";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { ResourceTable } from "../shared/resource-table";
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
    return { node: find(await loadTree(organization), id) };
  }, [id]);
  const node = found.data?.node;
  const above: [string, string][] = [["AWS accounts", "/organizations"]];
  if (!node && found.loading) return <Page title={id} above={above}><Box textAlign="center"><Spinner /></Box></Page>;
  if (!node) return <Missing noun={nounOf(id)} name={id} list={above[0]!} error={found.error} onRetry={found.reload} />;
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

function nounOf(id: string): string {
  return id.startsWith("ou-") ? "organizational unit" : id.startsWith("r-") ? "root" : "account of the organization";
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
  return (
    <ResourceTable<Node>
      noun="accounts and units"
      header="Children"
      description="What stands here itself; open a unit to see what stands below it."
      items={node.children}
      loading={false}
      idOf={(c) => c.id}
      labelOf={(c) => c.name}
      filterText={(c) => [c.name, c.id, c.email, kindNames[c.kind]].join(" ")}
      empty={<Box textAlign="center" padding="m">Nothing stands here. Move accounts to it on the page of AWS accounts.</Box>}
      columns={[
        { id: "name", header: "Name", isRowHeader: true, minWidth: 140, sortingField: "name", cell: (c) => <Link {...link(at("organizations", "targets", c.id))} onFollow={follow}>{c.name}</Link> },
        { id: "kind", header: "Type", minWidth: 130, sortingComparator: (a, b) => kindNames[a.kind].localeCompare(kindNames[b.kind]), cell: (c) => kindNames[c.kind] + (c.management ? " (management)" : "") },
        { id: "id", header: "ID / email", minWidth: 160, sortingField: "id", cell: (c) => <>{c.id}{c.email && <Box fontSize="body-s" color="text-body-secondary">{c.email}</Box>}</> },
        { id: "status", header: "Status", minWidth: 130, cell: (c) => (c.state ? <State state={c.state} /> : "-") },
      ]}
    />
  );
}
