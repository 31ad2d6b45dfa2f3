// Whether the person may do a thing, for buttons that say so beforehand. It is
// advice: the server decides again when the call is made.
import { useEffect, useState, useSyncExternalStore } from "react";
import { call } from "../aws";
import { currentSession } from "../session";

interface Question {
  action: string;
  resource: string;
  settle: (allowed: boolean) => void;
}

const most = 50; // questions in one call
const lasting = 30_000; // ms that an answer is good for
const known = new Map<string, { answer: Promise<boolean>; since: number }>();
const last = new Map<string, boolean>(); // what was answered, until it is answered anew
let waiting: Question[] = [];

function keyOf(action: string, resource: string): string {
  return [currentSession()?.id, action, resource].join(" ");
}

function question(action: string, resource: string): Promise<boolean> {
  const key = keyOf(action, resource);
  const old = known.get(key);
  if (old && Date.now() - old.since < lasting) return old.answer;
  const answer = new Promise<boolean>((settle) => {
    if (waiting.length === 0) setTimeout(ask, 10);
    waiting.push({ action, resource, settle });
  });
  known.set(key, { answer, since: Date.now() });
  void answer.then((allowed) => last.set(key, allowed));
  return answer;
}

async function ask(): Promise<void> {
  const all = waiting;
  waiting = [];
  for (let i = 0; i < all.length; i += most) {
    const some = all.slice(i, i + most);
    try {
      const checks = some.map(({ action, resource }) => ({ action, resource }));
      const { allowed } = await call<{ allowed: boolean[] }>("permissions", { checks });
      some.forEach((q, n) => q.settle(allowed[n] ?? true));
    } catch {
      some.forEach((q) => q.settle(true)); // the call itself will tell
    }
  }
}

let turn = 0; // counts how often all is asked anew
const listeners = new Set<() => void>();

function listen(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** Forgets what is known for at least so many ms, and has the buttons ask anew: all of
 * it after a change of policies. */
export function forgetAllowed(age = 0): void {
  const now = Date.now();
  for (const [key, { since }] of known) if (now - since >= age) known.delete(key);
  turn++;
  listeners.forEach((tell) => tell());
}

// Somebody else may have changed what one may do. What was asked a moment ago was
// asked by the page that one came to. (Unit tests have no window.)
globalThis.addEventListener?.("hashchange", () => forgetAllowed(100));
globalThis.addEventListener?.("focus", () => forgetAllowed(lasting));

/** True, too, while it is not known yet. Resource is an ARN, or "*". */
export function useAllowed(action: string, resource = "*"): boolean {
  const now = useSyncExternalStore(listen, () => turn);
  const [allowed, setAllowed] = useState(() => last.get(keyOf(action, resource)) ?? true);
  useEffect(() => {
    let here = true;
    question(action, resource).then((a) => here && setAllowed(a));
    return () => {
      here = false;
    };
  }, [action, resource, now]);
  return allowed;
}

export function whyNot(action: string): string {
  return `You need permission for ${action}`;
}
