import SideNavigation, { type SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import { follow, href } from "./shared/link";

const page = (text: string, path: string): SideNavigationProps.Link => ({ type: "link", text, href: href(path) });

const items: SideNavigationProps.Item[] = [
  page("Dashboard", "/"),
  {
    type: "section",
    text: "Access management",
    items: [
      page("User groups", "/groups"),
      page("Users", "/users"),
      page("Roles", "/roles"),
      page("Policies", "/policies"),
      page("Identity providers", "/identity-providers"),
      page("Delegation requests", "/delegation-requests"),
      page("Account settings", "/account-settings"),
    ],
  },
  {
    type: "section",
    text: "Access reports",
    items: [
      page("Credential report", "/credential-report"),
      page("Last accessed", "/last-accessed"),
      page("Policy simulator", "/simulator"),
      page("Denied requests", "/denied"),
    ],
  },
  {
    type: "section",
    text: "Organizations",
    items: [page("AWS accounts", "/organizations"), page("Organization policies", "/organizations/policies")],
  },
  { type: "divider" },
  page("Applications", "/applications"),
  page("App registrations", "/app-registrations"),
  page("CloudShell", "/cloudshell"),
  page("My security credentials", "/security-credentials"),
];

function links(of: readonly SideNavigationProps.Item[]): string[] {
  return of.flatMap((i) => ("items" in i ? links(i.items) : "href" in i && i.href ? [i.href] : []));
}

/** The page, or the one that the path is below: the longest that fits. */
function activeHref(path: string): string {
  const here = href(path);
  const fits = links(items).filter((h) => here === h || (h !== "#/" && here.startsWith(h + "/")));
  return fits.sort((a, b) => b.length - a.length)[0] ?? "";
}

export function Navigation({ path }: { path: string }) {
  return (
    <SideNavigation
      header={{ text: "Identity and Access Management (IAM)", href: "#/" }}
      activeHref={activeHref(path)}
      items={items}
      onFollow={follow}
    />
  );
}
