// The Principal element of trust policies: what kinds there are, and adding to it.
import { arrayNode, member, nowhere, objectNode, stringNode, type Node, type ObjectNode } from "./json";
import { element, withElement, withStrings } from "./statement";

export type PrincipalKind = "account" | "iam" | "service" | "oidc" | "saml";

export interface PrincipalChoice {
  kind: PrincipalKind;
  label: string;
  key: "AWS" | "Service" | "Federated";
  action: string; // that such principals ask for
  hint: string;
  example: string;
}

export const principalChoices: PrincipalChoice[] = [
  { kind: "account", label: "AWS account", key: "AWS", action: "sts:AssumeRole", hint: "The account's ID. Its administrators say who of it may assume the role.", example: "111122223333" },
  { kind: "iam", label: "IAM user or role", key: "AWS", action: "sts:AssumeRole", hint: "The ARN of the user or role.", example: "arn:aws:iam::111122223333:role/Name" },
  { kind: "service", label: "AWS service", key: "Service", action: "sts:AssumeRole", hint: "The service's principal.", example: "ec2.amazonaws.com" },
  { kind: "oidc", label: "OIDC identity provider", key: "Federated", action: "sts:AssumeRoleWithWebIdentity", hint: "The provider's ARN, or the domain of one that AWS knows.", example: "arn:aws:iam::111122223333:oidc-provider/example.com" },
  { kind: "saml", label: "SAML identity provider", key: "Federated", action: "sts:AssumeRoleWithSAML", hint: "The provider's ARN.", example: "arn:aws:iam::111122223333:saml-provider/Name" },
];

/** Principals of services that are often trusted. */
export const commonServices = ["ec2", "lambda", "ecs-tasks", "states", "events", "scheduler", "glue", "codebuild", "codepipeline", "cloudformation", "apigateway", "firehose", "rds", "sagemaker", "ssm", "batch", "eks", "config", "cloudtrail", "backup"].map((s) => `${s}.amazonaws.com`);

const webProviders = ["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"];

/** What stands in the policy for what was entered. */
export function principalValue(kind: PrincipalKind, entered: string): string {
  return kind === "account" && entered !== "*" ? `arn:aws:iam::${entered}:root` : entered;
}

/** Why an entered principal is refused; undefined when it is taken. */
export function faultOfPrincipal(kind: PrincipalKind, entered: string): string | undefined {
  const arn = (what: string) => new RegExp(`^arn:aws[a-z-]*:(iam|sts)::\\d{12}:${what}/.+$`).test(entered);
  switch (kind) {
    case "account":
      return /^\d{12}$/.test(entered) ? undefined : "An account ID has 12 digits.";
    case "iam":
      return arn("(user|role|assumed-role|federated-user)") && !/[*?\s]/.test(entered) ? undefined : "Enter the whole ARN of a user or role, without wildcards.";
    case "service":
      return /^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$/.test(entered) ? undefined : "A service's principal looks like ec2.amazonaws.com.";
    case "oidc":
      return arn("oidc-provider") || webProviders.includes(entered) ? undefined : "Enter the ARN of an OIDC provider.";
    case "saml":
      return arn("saml-provider") ? undefined : "Enter the ARN of a SAML provider.";
  }
}

/** The statement with one more principal; undefined when its Principal is of a form that can't take one. */
export function withPrincipal(node: ObjectNode, choice: PrincipalChoice, value: string): ObjectNode | undefined {
  const old = element(node, "Principal") ?? objectNode([]);
  if (old.kind !== "object" || element(node, "NotPrincipal")) return undefined;
  const at = old.members.findIndex((m) => m.key === choice.key);
  const members = [...old.members];
  if (at < 0) members.push(member(choice.key, stringNode(value)));
  else {
    const list = listOf(members[at]!.value);
    if (!list) return undefined;
    if (!list.some((n) => n.kind === "string" && n.value === value)) members[at] = { ...members[at]!, value: list.length === 0 ? stringNode(value) : arrayNode([...list, stringNode(value)]) };
  }
  const changed = withElement(node, "Principal", { kind: "object", ...nowhere, members });
  return withAction(changed, choice.action, old.members.length === 0);
}

function listOf(node: Node): Node[] | undefined {
  if (node.kind === "array") return node.items;
  return node.kind === "string" ? [node] : undefined;
}

/** The statement with the action that the principal asks for. The first
 * principal's takes the place of sts:AssumeRole, which a new statement begins with. */
function withAction(node: ObjectNode, action: string, first: boolean): ObjectNode {
  const list = listOf(element(node, "Action") ?? arrayNode([]));
  if (!list || element(node, "NotAction")) return node;
  const names = list.map((n) => (n.kind === "string" ? n.value : ""));
  if (names.some((n) => [action.toLowerCase(), "sts:*", "*"].includes(n.toLowerCase()))) return node;
  return withStrings(node, "Action", first && names.length === 1 && names[0] === "sts:AssumeRole" ? [action] : [...names, action]);
}
