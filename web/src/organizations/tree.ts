// An organization's tree as the pages show it.
import {
  DescribeOrganizationCommand, paginateListAccountsForParent, paginateListOrganizationalUnitsForParent, paginateListRoots,
  type Account, type Organization, type Root,
} from "@aws-sdk/client-organizations";
import { organizations } from "../aws";
import { collect } from "../shared/load";
import { describe } from "../shared/errors";

export interface Node {
  kind: "root" | "unit" | "account";
  id: string;
  arn: string;
  name: string;
  email?: string;
  state?: string; // of an account: ACTIVE, SUSPENDED, PENDING_CLOSURE
  joined?: Date;
  method?: string; // INVITED, CREATED
  management?: boolean;
  children: Node[];
  parent?: Node;
}

export const kindNames = { root: "Root", unit: "Organizational unit", account: "Account" } as const;

/** The organization that the account is in; undefined when it is in none. */
export async function findOrganization(): Promise<Organization | undefined> {
  const client = await organizations();
  try {
    return (await client.send(new DescribeOrganizationCommand({}))).Organization;
  } catch (e) {
    if (describe(e).code === "AWSOrganizationsNotInUseException") return undefined;
    throw e;
  }
}

export async function loadRoots(): Promise<Root[]> {
  const client = await organizations();
  return collect(paginateListRoots({ client }, {}), (p) => p.Roots);
}

/** The whole tree, from the root down. */
export async function loadTree(organization: Organization): Promise<Node> {
  const [root] = await loadRoots();
  if (!root) throw new Error("The organization shows no root.");
  const top: Node = { kind: "root", id: root.Id!, arn: root.Arn!, name: root.Name!, children: [] };
  await fill(top, organization);
  return top;
}

async function fill(at: Node, organization: Organization): Promise<void> {
  const client = await organizations();
  const [units, accounts] = await Promise.all([
    collect(paginateListOrganizationalUnitsForParent({ client }, { ParentId: at.id }), (p) => p.OrganizationalUnits),
    collect(paginateListAccountsForParent({ client }, { ParentId: at.id }), (p) => p.Accounts),
  ]);
  at.children = [
    ...units.map((u): Node => ({ kind: "unit", id: u.Id!, arn: u.Arn!, name: u.Name!, children: [], parent: at })),
    ...accounts.map((a) => accountNode(a, organization, at)),
  ].sort((a, b) => (a.kind === b.kind ? a.name.localeCompare(b.name) : a.kind === "unit" ? -1 : 1));
  await Promise.all(at.children.filter((c) => c.kind === "unit").map((c) => fill(c, organization)));
}

function accountNode(a: Account, organization: Organization, parent?: Node): Node {
  return {
    kind: "account", id: a.Id!, arn: a.Arn!, name: a.Name ?? a.Id!, email: a.Email, state: a.State ?? a.Status, joined: a.JoinedTimestamp,
    method: a.JoinedMethod, management: a.Id === organization.MasterAccountId, children: [], parent,
  };
}

/** All nodes of a tree, parents before children. */
export function all(top: Node): Node[] {
  return [top, ...top.children.flatMap(all)];
}

export function find(top: Node, id: string): Node | undefined {
  return all(top).find((n) => n.id === id);
}

/** From the root down to the node, itself last. */
export function line(node: Node): Node[] {
  return node.parent ? [...line(node.parent), node] : [node];
}

/** Tells whether b is a, or stands below it. */
export function within(a: Node, b: Node): boolean {
  return line(b).includes(a);
}
