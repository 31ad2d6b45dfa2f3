import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Table from "@cloudscape-design/components/table";
import { DescribeEffectivePolicyCommand, DescribePolicyCommand, type EffectivePolicyType, type PolicySummary } from "@aws-sdk/client-organizations";
import { organizations } from "../aws";
import { laidOut } from "../permissions/policies";
import { PolicyDocument } from "../policy/policy-document";
import { describe, ErrorAlert } from "../shared/errors";
import { at, follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import type { PolicyKind } from "./policy-types";
import { enabledKinds, policiesOf } from "./target-policies";
import { kindNames, line, type Node } from "./tree";

interface Level {
  at: Node;
  policies: PolicySummary[];
}

/** What binds a target, and from which level: of service and resource control
 * policies each level must allow; management policies are merged along the line. */
export function InEffect({ node }: { node: Node }) {
  const kinds = useLoad(enabledKinds, []);
  const control = (kinds.data ?? []).filter((k) => k.editor);
  const management = (kinds.data ?? []).filter((k) => !k.editor);
  if (kinds.loading && !kinds.data) return <Box textAlign="center"><Spinner /></Box>;
  return (
    <SpaceBetween size="l">
      <ErrorAlert error={kinds.error} onRetry={kinds.reload} />
      {node.management && <Alert type="info">No service or resource control policy binds the management account.</Alert>}
      {kinds.data?.length === 0 && (
        <Box>Nothing: no type of policy is enabled. <Link {...link("/organizations/policies")} onFollow={follow}>Enable one</Link></Box>
      )}
      {control.map((k) => <Levels key={k.type} kind={k} node={node} />)}
      {management.map((k) => <Merged key={k.type} kind={k} node={node} />)}
    </SpaceBetween>
  );
}

function Levels({ kind, node }: { kind: PolicyKind; node: Node }) {
  const levels = useLoad(
    () => Promise.all(line(node).map(async (n): Promise<Level> => ({ at: n, policies: await policiesOf(kind.type, n.id) }))),
    [kind.type, node.id],
  );
  return (
    <SpaceBetween size="xs">
      <ErrorAlert error={levels.error} onRetry={levels.reload} />
      <Table<Level>
        items={levels.data ?? []}
        loading={levels.loading && !levels.data}
        loadingText="Loading policies"
        trackBy={(l) => l.at.id}
        ariaLabels={{ tableLabel: kind.name + " in effect" }}
        header={<Header description="An action must be allowed at every level, and denied at none.">{kind.name}</Header>}
        wrapLines
        columnDefinitions={[
          {
            id: "level", header: "Level", isRowHeader: true,
            cell: (l) => <><Link {...link(at("organizations", "targets", l.at.id))} onFollow={follow}>{l.at.name}</Link> ({kindNames[l.at.kind].toLowerCase()})</>,
          },
          {
            id: "policies", header: "Policies",
            cell: (l) => (l.policies.length === 0 ? "None: everything is denied" : l.policies.map((p) => <Shown key={p.Id} policy={p} />)),
          },
        ]}
      />
    </SpaceBetween>
  );
}

function Shown({ policy }: { policy: PolicySummary }) {
  return (
    <ExpandableSection headerText={policy.Name} headingTagOverride="h3">
      <Content id={policy.Id!} />
      <Link {...link(at("organizations", "policy", policy.Id!))} onFollow={follow} ariaLabel={`Open the policy ${policy.Name}`}>Open the policy</Link>
    </ExpandableSection>
  );
}

function Content({ id }: { id: string }) {
  const policy = useLoad(async () => (await (await organizations()).send(new DescribePolicyCommand({ PolicyId: id }))).Policy?.Content ?? "", [id]);
  if (policy.data === undefined) return policy.loading ? <Spinner /> : <ErrorAlert error={policy.error} />;
  return <PolicyDocument text={laidOut(policy.data)} />;
}

function Merged({ kind, node }: { kind: PolicyKind; node: Node }) {
  const effective = useLoad(async () => {
    try {
      const out = await (await organizations()).send(new DescribeEffectivePolicyCommand({ PolicyType: kind.type as EffectivePolicyType, TargetId: node.id }));
      return out.EffectivePolicy?.PolicyContent;
    } catch (e) {
      if (describe(e).code === "EffectivePolicyNotFoundException") return undefined;
      throw e;
    }
  }, [kind.type, node.id]);
  return (
    <SpaceBetween size="xs">
      <Header variant="h2" description="Merged from the root down to here.">{kind.name}</Header>
      {node.kind !== "account" ? (
        <Box>Effective policies are those of accounts: open one.</Box>
      ) : effective.error !== undefined ? (
        <ErrorAlert error={effective.error} onRetry={effective.reload} />
      ) : effective.data ? (
        <PolicyDocument text={laidOut(effective.data)} />
      ) : (
        <Box>{effective.loading ? <Spinner /> : "None is in effect."}</Box>
      )}
    </SpaceBetween>
  );
}
