// Whether the person may do a thing, for buttons that say so beforehand. It is
// advice: the server decides again when the call is made.
import { useEffect, useState } from "react";
import { call } from "../aws";
import { currentSession } from "../session";

interface Question {
  action: string;
  resource: string;
  settle: (allowed: boolean) => void;
}

const most = 50; // questions in one call
const known = new Map<string, Promise<boolean>>();
let waiting: Question[] = [];

function question(action: string, resource: string): Promise<boolean> {
  const key = [currentSession()?.id, action, resource].join(" ");
  let answer = known.get(key);
  if (!answer) {
    answer = new Promise((settle) => {
      if (waiting.length === 0) setTimeout(ask, 10);
      waiting.push({ action, resource, settle });
    });
    known.set(key, answer);
  }
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

/** Forgets what was known, as after a change of policies. */
export function forgetAllowed(): void {
  known.clear();
}

/** True, too, while it is not known yet. Resource is an ARN, or "*". */
export function useAllowed(action: string, resource = "*"): boolean {
  const [allowed, setAllowed] = useState(true);
  useEffect(() => {
    let here = true;
    question(action, resource).then((a) => here && setAllowed(a));
    return () => {
      here = false;
    };
  }, [action, resource]);
  return allowed;
}

export function whyNot(action: string): string {
  return `You need permission for ${action}`;
}
