// When a role was last used. ListRoles does not say it, and GetRole does: it is
// asked for the rows that are shown, a few at a time.
import { GetRoleCommand, type Role, type RoleLastUsed } from "@aws-sdk/client-iam";
import Spinner from "@cloudscape-design/components/spinner";
import { useEffect, useState } from "react";
import { iam } from "../aws";
import { ago, showTime } from "../shared/time";

const atOnce = 6;
let running = 0;
const queue: (() => void)[] = [];

async function turn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) await new Promise<void>((go) => queue.push(go));
  running++;
  try {
    return await work();
  } finally {
    running--;
    queue.shift()?.();
  }
}

/** "3 days ago", with the time as its title; "-" for never. */
export function Ago({ at }: { at?: Date }) {
  return <span title={at && showTime(at)}>{ago(at)}</span>;
}

export function LastActivity({ role }: { role: Role }) {
  const [used, setUsed] = useState<RoleLastUsed | null | undefined>(role.RoleLastUsed);
  const name = role.RoleName!;
  useEffect(() => {
    if (role.RoleLastUsed) return;
    let here = true;
    turn(async () => (here ? (await iam().send(new GetRoleCommand({ RoleName: name }))).Role?.RoleLastUsed : undefined)).then(
      (got) => here && setUsed(got ?? {}),
      () => here && setUsed(null),
    );
    return () => {
      here = false;
    };
  }, [name, role.RoleLastUsed]);
  if (used === undefined) return <Spinner />;
  return used === null ? <span title="It could not be read">-</span> : <Ago at={used.LastUsedDate} />;
}
