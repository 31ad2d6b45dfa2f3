import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import Icon from "@cloudscape-design/components/icon";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import type { Organization } from "@aws-sdk/client-organizations";
import { useState } from "react";
import { ErrorAlert } from "../shared/errors";
import { at, follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { showTime } from "../shared/time";
import { forgetAllowed, useAllowed, whyNot } from "../shared/allowed";
import { CreateUnit, Move, Remove, Rename } from "./dialogs";
import { all, kindNames, line, loadTree, type Node } from "./tree";

/** The tree of units and accounts, with what can be done to the chosen one. */
export function Tree({ organization }: { organization: Organization }) {
  const tree = useLoad(() => loadTree(organization), [organization.Id]);
  const [closed, setClosed] = useState<string[]>([]);
  const [chosen, setChosen] = useState<Node>();
  const [dialog, setDialog] = useState<"unit" | "move" | "rename" | "remove" | "close">();
  const [filter, setFilter] = useState("");
  const nodes = tree.data ? all(tree.data) : [];
  const now = chosen && nodes.find((n) => n.id === chosen.id);
  const fits = (n: Node) => [n.name, n.id, n.email ?? ""].some((t) => t.toLowerCase().includes(filter.trim().toLowerCase()));
  const hits = filter.trim() ? nodes.filter(fits) : [];
  const shown = filter.trim() ? new Set(hits.flatMap(line)) : undefined;
  const childrenOf = (n: Node) => (shown ? n.children.filter((c) => shown.has(c)) : n.children);
  const done = () => {
    setDialog(undefined);
    tree.reload();
  };
  return (
    <SpaceBetween size="s">
      <ErrorAlert error={tree.error} onRetry={tree.reload} />
      <Table<Node>
        items={tree.data && (!shown || shown.size > 0) ? [tree.data] : []}
        loading={tree.loading && !tree.data}
        loadingText="Loading accounts"
        trackBy="id"
        wrapLines
        selectionType="single"
        selectedItems={now ? [now] : []}
        onSelectionChange={(e) => setChosen(e.detail.selectedItems[0])}
        expandableRows={{
          getItemChildren: childrenOf,
          isItemExpandable: (n) => childrenOf(n).length > 0,
          expandedItems: nodes.filter((n) => !closed.includes(n.id)),
          onExpandableItemToggle: (e) =>
            setClosed(e.detail.expanded ? closed.filter((id) => id !== e.detail.item.id) : [...closed, e.detail.item.id]),
        }}
        ariaLabels={{
          tableLabel: "Organizational structure",
          selectionGroupLabel: "Select an account or unit",
          itemSelectionLabel: (_, n) => `Select ${n.name}`,
          expandButtonLabel: (n) => `Expand ${n.name}`,
          collapseButtonLabel: (n) => `Collapse ${n.name}`,
        }}
        filter={
          <TextFilter
            filteringText={filter}
            filteringPlaceholder="Find AWS accounts by name, email, or ID; find an OU by name or ID"
            filteringAriaLabel="Find accounts and units"
            countText={`${hits.length} ${hits.length === 1 ? "match" : "matches"}`}
            onChange={(e) => setFilter(e.detail.filteringText)}
          />
        }
        empty={<Box textAlign="center">No matches. <Button variant="inline-link" onClick={() => setFilter("")}>Clear filter</Button></Box>}
        header={
          <Header
            counter={tree.data && `(${nodes.filter((n) => n.kind === "account").length} accounts)`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh accounts" loading={tree.loading} onClick={() => (forgetAllowed(), tree.reload())} />
                <Actions node={now} onAct={setDialog} />
              </SpaceBetween>
            }
          >
            Organizational structure
          </Header>
        }
        columnDefinitions={[
          { id: "name", header: "Organizational structure", isRowHeader: true, minWidth: 240, cell: (n) => <Name node={n} /> },
          { id: "id", header: "ID / email", cell: (n) => <>{n.id}{n.email && <Box fontSize="body-s" color="text-body-secondary">{n.email}</Box>}</> },
          { id: "status", header: "Status", minWidth: 130, cell: (n) => (n.state ? <State state={n.state} /> : "-") },
          { id: "joined", header: "Joined", cell: (n) => (n.joined ? <>{n.method === "CREATED" ? "Created" : "Joined"} {showTime(n.joined)}</> : "-") },
        ]}
      />
      {now && dialog === "unit" && <CreateUnit parent={now} onDone={done} onCancel={() => setDialog(undefined)} />}
      {now && dialog === "rename" && <Rename unit={now} onDone={done} onCancel={() => setDialog(undefined)} />}
      {now && dialog === "move" && <Move account={now} root={tree.data!} onDone={done} onCancel={() => setDialog(undefined)} />}
      {now && (dialog === "remove" || dialog === "close") && <Remove node={now} how={dialog} onDone={done} onCancel={() => setDialog(undefined)} />}
    </SpaceBetween>
  );
}

function Actions({ node, onAct }: { node?: Node; onAct: (id: "unit" | "move" | "rename" | "remove" | "close") => void }) {
  const mayCreate = useAllowed("organizations:CreateOrganizationalUnit", node?.arn);
  const mayMove = useAllowed("organizations:MoveAccount", node?.arn);
  const mayRename = useAllowed("organizations:UpdateOrganizationalUnit", node?.arn);
  const mayDelete = useAllowed("organizations:DeleteOrganizationalUnit", node?.arn);
  const mayRemove = useAllowed("organizations:RemoveAccountFromOrganization", node?.arn);
  const mayClose = useAllowed("organizations:CloseAccount", node?.arn);
  const on = (kinds: Node["kind"][], allowed = true, action = "") => {
    if (!node) return { disabled: true, disabledReason: "Select an account or unit first" };
    if (!kinds.includes(node.kind)) return { disabled: true, disabledReason: `Not for ${kindNames[node.kind].toLowerCase()}s` };
    if (node.management && node.kind === "account" && action !== "organizations:MoveAccount") return { disabled: true, disabledReason: "Not for the management account" };
    return allowed ? {} : { disabled: true, disabledReason: whyNot(action) };
  };
  return (
    <ButtonDropdown
      items={[
        {
          text: "Organizational unit",
          items: [
            { id: "unit", text: "Create new", ...on(["root", "unit"], mayCreate, "organizations:CreateOrganizationalUnit") },
            { id: "rename", text: "Rename", ...on(["unit"], mayRename, "organizations:UpdateOrganizationalUnit") },
            { id: "remove", text: "Delete", ...on(["unit"], mayDelete, "organizations:DeleteOrganizationalUnit") },
          ],
        },
        {
          text: "AWS account",
          items: [
            { id: "move", text: "Move", ...on(["account"], mayMove, "organizations:MoveAccount") },
            { id: "remove account", text: "Remove from organization", ...on(["account"], mayRemove, "organizations:RemoveAccountFromOrganization") },
            { id: "close", text: "Close", ...on(["account"], mayClose, "organizations:CloseAccount") },
          ],
        },
      ]}
      onItemClick={(e) => onAct(e.detail.id === "remove account" ? "remove" : (e.detail.id as "unit"))}
    >
      Actions
    </ButtonDropdown>
  );
}

function Name({ node }: { node: Node }) {
  return (
    <>
      <Icon name={node.kind === "account" ? "user-profile" : "folder"} ariaLabel={kindNames[node.kind]} />{" "}
      <Link {...link(at("organizations", "targets", node.id))} onFollow={follow}>{node.name}</Link>
      {node.management && <Box fontSize="body-s" color="text-body-secondary">management account</Box>}
    </>
  );
}

export function State({ state }: { state: string }) {
  const words: Record<string, string> = { ACTIVE: "Active", SUSPENDED: "Suspended", PENDING_CLOSURE: "Pending closure", CLOSED: "Closed", PENDING_ACTIVATION: "Pending activation" };
  return <StatusIndicator type={state === "ACTIVE" ? "success" : state === "PENDING_CLOSURE" ? "pending" : "stopped"}>{words[state] ?? state}</StatusIndicator>;
}
