import type { User } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { TableProps } from "@cloudscape-design/components/table";
import type { ReactNode } from "react";
import { at, follow, link } from "../shared/link";
import { ago, days, showTime } from "../shared/time";
import { factOf, useFact, type Fact, type FactKind, type Key } from "./facts";

function show<T>(fact: Fact<T>, of: (known: T) => ReactNode): ReactNode {
  if (fact === undefined) return "…";
  if (fact === "unknown") return <Box variant="span" color="text-status-inactive">Access denied</Box>;
  return of(fact as T);
}

const active = (keys: Key[]) => keys.filter((k) => k.Status === "Active");
const latest = (dates: (Date | undefined)[]) => dates.filter((d) => d !== undefined).sort((a, b) => b.getTime() - a.getTime())[0];

function Groups({ user }: { user: User }) {
  return show(useFact("groups", user.UserName!), (groups) => <span title={groups.join(", ")}>{groups.length}</span>);
}

function Mfa({ user }: { user: User }) {
  return show(useFact("mfa", user.UserName!), (serials) => {
    if (serials.length === 0) return "-";
    const kinds = new Set(serials.map((s) => (/:u2f\//.test(s) ? "Passkey" : "Virtual")));
    return [...kinds].join(", ");
  });
}

function PasswordAge({ user }: { user: User }) {
  return show(useFact("password", user.UserName!), (since) => (since === null ? "-" : <Age days={days(since)!} />));
}

function Age({ days }: { days: number }) {
  const text = `${days} ${days === 1 ? "day" : "days"}`;
  return days > 90 ? <StatusIndicator type="warning">{text}</StatusIndicator> : <StatusIndicator type="success">{text}</StatusIndicator>;
}

function LastActivity({ user }: { user: User }) {
  return show(useFact("keys", user.UserName!), (keys) => {
    const last = latest([user.PasswordLastUsed, ...keys.map((k) => k.used)]);
    return <span title={showTime(last)}>{ago(last)}</span>;
  });
}

function KeyIds({ user }: { user: User }) {
  return show(useFact("keys", user.UserName!), (keys) =>
    keys.length === 0 ? "-" : keys.map((k) => <div key={k.AccessKeyId}>{k.Status === "Active" ? "Active" : "Inactive"} - {k.AccessKeyId}</div>),
  );
}

function KeyAge({ user }: { user: User }) {
  return show(useFact("keys", user.UserName!), (keys) => {
    const ages = active(keys).map((k) => days(k.CreateDate) ?? 0);
    return ages.length === 0 ? "-" : <Age days={Math.max(...ages)} />;
  });
}

function KeyUsed({ user }: { user: User }) {
  return show(useFact("keys", user.UserName!), (keys) => {
    const last = latest(keys.map((k) => k.used));
    return <span title={showTime(last)}>{ago(last)}</span>;
  });
}

const byDate = (of: (u: User) => Date | undefined) => (a: User, b: User) => (of(a)?.getTime() ?? 0) - (of(b)?.getTime() ?? 0);

/** Which fact a column shows, and what its rows are sorted by. */
const sorts: Record<string, { kind: FactKind; of: (u: User) => number }> = {
  groups: { kind: "groups", of: (u) => value(factOf("groups", u.UserName!), (groups) => groups.length) },
  activity: { kind: "keys", of: (u) => value(factOf("keys", u.UserName!), (keys) => latest([u.PasswordLastUsed, ...keys.map((k) => k.used)])?.getTime() ?? 0) },
  mfa: { kind: "mfa", of: (u) => value(factOf("mfa", u.UserName!), (serials) => serials.length) },
  password: { kind: "password", of: (u) => value(factOf("password", u.UserName!), (since) => (since === null ? -1 : days(since)!)) },
  keys: { kind: "keys", of: (u) => value(factOf("keys", u.UserName!), (keys) => active(keys).length * 10 + keys.length) },
  "key-age": { kind: "keys", of: (u) => value(factOf("keys", u.UserName!), (keys) => Math.max(-1, ...active(keys).map((k) => days(k.CreateDate) ?? 0))) },
  "key-used": { kind: "keys", of: (u) => value(factOf("keys", u.UserName!), (keys) => latest(keys.map((k) => k.used))?.getTime() ?? 0) },
};

function value<T>(fact: Fact<T>, of: (known: T) => number): number {
  return fact === undefined || fact === "unknown" ? -2 : of(fact as T);
}

/** The fact that a column's rows are sorted by, if ListUsers doesn't tell it. */
export function factToSortBy(column: string | undefined): FactKind | undefined {
  return column === undefined ? undefined : sorts[column]?.kind;
}

/** The columns of AWS's console. Those that ListUsers doesn't tell are sorted by when
 * all their facts may be asked for, and once these are there. */
export function userColumns(byFacts: boolean, ready: boolean): TableProps.ColumnDefinition<User>[] {
  return columns.map((c) => {
    const of = sorts[c.id!]?.of;
    if (!byFacts || !of) return c;
    return { ...c, sortingComparator: (a, b) => (!ready ? 0 : of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0) };
  });
}

const columns: TableProps.ColumnDefinition<User>[] = [
  { id: "name", header: "User name", minWidth: 170, isRowHeader: true, sortingField: "UserName", cell: (u) => <Link {...link(at("users", u.UserName!))} onFollow={follow}>{u.UserName}</Link> },
  { id: "path", header: "Path", sortingField: "Path", cell: (u) => u.Path },
  { id: "groups", header: "Groups", cell: (u) => <Groups user={u} /> },
  { id: "activity", header: "Last activity", cell: (u) => <LastActivity user={u} /> },
  { id: "mfa", header: "MFA", minWidth: 100, cell: (u) => <Mfa user={u} /> },
  { id: "password", header: "Password age", minWidth: 130, cell: (u) => <PasswordAge user={u} /> },
  { id: "signin", header: "Console last sign-in", sortingComparator: byDate((u) => u.PasswordLastUsed), cell: (u) => <span title={showTime(u.PasswordLastUsed)}>{ago(u.PasswordLastUsed)}</span> },
  { id: "keys", header: "Access key ID", minWidth: 210, cell: (u) => <KeyIds user={u} /> },
  { id: "key-age", header: "Active key age", minWidth: 130, cell: (u) => <KeyAge user={u} /> },
  { id: "key-used", header: "Access key last used", cell: (u) => <KeyUsed user={u} /> },
  { id: "arn", header: "ARN", sortingField: "Arn", cell: (u) => u.Arn },
  { id: "created", header: "Creation time", sortingComparator: byDate((u) => u.CreateDate), cell: (u) => <span title={showTime(u.CreateDate)}>{ago(u.CreateDate)}</span> },
];

export const hiddenAtFirst = ["key-used", "arn", "created"];
