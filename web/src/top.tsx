import TopNavigation, { type TopNavigationProps } from "@cloudscape-design/components/top-navigation";
import { useEffect, useState } from "react";
import { chooseSession, dashed, endAllSessions, endSession, sessionLabel, useEnded, useSession, useSessions } from "./session";
import { go, href } from "./shared/link";
import { notify } from "./shared/notify";
import { setTheme, theme, type Theme } from "./shared/theme";

export function Top() {
  const session = useSession()!;
  const sessions = useSessions();
  const [shown, setShown] = useState<Theme>(theme());
  const others = sessions.filter((s) => s.id !== session.id);
  const base = sessions.find((s) => s.id === session.role?.base);
  const ended = useEnded();
  useEffect(() => {
    if (ended) notify("warning", `${ended.label}: ${ended.why}`);
  }, [ended]);
  const account: TopNavigationProps.MenuDropdownUtility = {
    type: "menu-dropdown",
    text: sessionLabel(session),
    iconName: "user-profile",
    ariaLabel: "Account menu: " + sessionLabel(session),
    items: [
      {
        id: "who",
        text: `Account ID: ${dashed(session.account.id)}`,
        items: [
          { id: "credentials", text: "My security credentials", href: href("/security-credentials"), disabled: session.principal.type === "role" },
          { id: "account", text: "Account settings", href: href("/account-settings") },
        ],
      },
      ...(others.length > 0 ? [{ id: "others", text: "Other sessions", items: others.map((s) => ({ id: "to " + s.id, text: sessionLabel(s) })) }] : []),
      {
        id: "session",
        text: "Session",
        items: [
          ...(base ? [{ id: "back", text: `Switch back to ${sessionLabel(base)}` }] : []),
          { id: "switch", text: "Switch role", disabled: session.principal.type === "root", disabledReason: "Sign in as an IAM user to switch roles" },
          { id: "add", text: "Add session" },
          { id: "out", text: "Sign out" },
          ...(sessions.length > 1 ? [{ id: "all", text: "Sign out from all sessions" }] : []),
        ],
      },
    ],
    onItemFollow: (e) => {
      if (e.detail.href?.startsWith("#")) {
        e.preventDefault();
        location.hash = e.detail.href;
      }
    },
    onItemClick: ({ detail: { id } }) => {
      if (id === "switch") go("/switch-role");
      else if (id === "add") go("/signin");
      else if (id === "back" || id === "out") leave(() => endSession(session.id));
      else if (id === "all") leave(endAllSessions);
      else if (id.startsWith("to ")) leave(() => chooseSession(id.slice(3)));
    },
  };
  const look: TopNavigationProps.MenuDropdownUtility = {
    type: "menu-dropdown",
    iconName: "settings",
    ariaLabel: "Visual mode",
    title: "Visual mode",
    items: (["system", "light", "dark"] as const).map((id) => ({
      id,
      itemType: "checkbox" as const,
      checked: shown === id,
      text: { system: "Browser default", light: "Light", dark: "Dark" }[id],
    })),
    onItemClick: ({ detail: { id } }) => {
      setTheme(id as Theme);
      setShown(id as Theme);
    },
  };
  return (
    <TopNavigation
      identity={{ href: "#/", title: "iamd" }}
      utilities={[
        { type: "button", text: "CloudShell", iconName: "command-prompt" as never, href: href("/cloudshell"), ariaLabel: "CloudShell" },
        look,
        account,
      ]}
      i18nStrings={{ overflowMenuTriggerText: "More", overflowMenuTitleText: "All", overflowMenuBackIconAriaLabel: "Back", overflowMenuDismissIconAriaLabel: "Close menu" }}
    />
  );
}

/** The page that is open is of the session that ends: the next begins anew. */
function leave(how: () => void): void {
  go("/");
  how();
}
