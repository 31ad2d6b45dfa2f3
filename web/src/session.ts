// Who is signed in. Keys live in the tab's memory and sessionStorage alone: they
// end with the tab, and sign-out takes them away at once, in all tabs (tabs.ts).
import { useSyncExternalStore } from "react";
import { tabs } from "./tabs";

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: string; // RFC 3339
}

export interface Session {
  id: string;
  keys: Keys;
  /** When the person must sign in again, RFC 3339. */
  ends: string;
  account: { id: string; alias?: string; name?: string };
  principal: { type: "root" | "user" | "role"; arn: string; name: string };
  /** Of a switched role: the session that assumed it, and how to assume it again. */
  role?: { base: string; arn: string; sessionName: string; displayName?: string };
}

interface State {
  sessions: Session[];
  current?: string;
}

const place = "iamd.sessions";

/** As many as AWS's console keeps in one browser. */
export const mostSessions = 5;

/** A session that ended by itself, and why. */
export interface Ended {
  label: string;
  why: string;
}

const gone = new Set<string>(); // what was signed out of, of which another tab may still tell
let state: State = read();
let ended: Ended | undefined;
const listeners = new Set<() => void>();

const others = tabs<State>({
  holds: () => (state.sessions.length > 0 ? state : undefined),
  told: (kept) => {
    if (state.sessions.length === 0) write(living(kept));
  },
  ended: (ids) => ids.forEach((id) => forget(id, "You signed out in another tab.")),
  changed: () => listeners.forEach((tell) => tell()),
});
if (state.sessions.length === 0) others.ask();

function read(): State {
  try {
    return living(JSON.parse(sessionStorage.getItem(place) ?? "") as State);
  } catch {
    return { sessions: [] };
  }
}

/** What is not over of what was kept. */
function living(kept: State): State {
  const now = Date.now();
  const sessions = kept.sessions.filter((s) => Date.parse(s.ends) > now && !gone.has(s.id) && s.id && s.keys && s.account && s.principal);
  const current = sessions.some((s) => s.id === kept.current) ? kept.current : sessions[0]?.id;
  return { sessions, current };
}

function write(next: State): void {
  state = next;
  try {
    if (next.sessions.length > 0) sessionStorage.setItem(place, JSON.stringify(next));
    else sessionStorage.removeItem(place);
  } catch {
    // Storage is full or forbidden: the keys stay in memory alone.
  }
  listeners.forEach((tell) => tell());
}

/** Calls tell whenever anything here changes. */
export function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** The session that pages act by; undefined when nobody is signed in. */
export function currentSession(): Session | undefined {
  return state.sessions.find((s) => s.id === state.current);
}

export function findSession(id: string): Session | undefined {
  return state.sessions.find((s) => s.id === id);
}

export function useSession(): Session | undefined {
  return useSyncExternalStore(subscribe, currentSession);
}

export function useSessions(): Session[] {
  return useSyncExternalStore(subscribe, () => state.sessions);
}

/** Tells whether another tab may yet say that somebody is signed in there. */
export function useAsking(): boolean {
  return useSyncExternalStore(subscribe, others.asking);
}

/** The session that ended last, if it did so by itself. */
export function useEnded(): Ended | undefined {
  return useSyncExternalStore(subscribe, () => ended);
}

/** Adds a session and makes it the current one; the oldest gives way. */
export function addSession(session: Session): void {
  ended = undefined;
  const rest = state.sessions.filter((s) => s.id !== session.id).slice(-(mostSessions - 1));
  write({ sessions: [...rest, session], current: session.id });
}

/** Puts renewed keys in the place of the old ones; nothing when it was signed out. */
export function renewKeys(id: string, keys: Keys, ends?: string): void {
  write({ ...state, sessions: state.sessions.map((s) => (s.id === id ? { ...s, keys, ends: ends ?? s.ends } : s)) });
}

export function chooseSession(id: string): void {
  if (findSession(id)) write({ ...state, current: id });
}

/** Forgets a session's keys, and those of the roles that it took, in all tabs. The
 * person is told why, unless it was by their own will. */
export function endSession(id: string, why?: string): void {
  const roles = state.sessions.filter((s) => s.role?.base === id).map((s) => s.id);
  forget(id, why);
  if (why === undefined) others.end([id, ...roles]);
}

export function endAllSessions(): void {
  const ids = state.sessions.map((s) => s.id);
  ended = undefined;
  ids.forEach((id) => gone.add(id));
  write({ sessions: [] });
  others.end(ids);
}

function forget(id: string, why?: string): void {
  gone.add(id);
  const lost = findSession(id);
  if (!lost) return;
  ended = why === undefined ? undefined : { label: sessionLabel(lost), why };
  const sessions = state.sessions.filter((s) => s.id !== id && s.role?.base !== id);
  const back = sessions.some((s) => s.id === lost.role?.base) ? lost.role?.base : sessions.at(-1)?.id;
  write({ sessions, current: sessions.some((s) => s.id === state.current) ? state.current : back });
}

/** What the top of the page calls a session: "Bob @ 1111-2222-3333". */
export function sessionLabel(s: Session): string {
  return `${s.role?.displayName || s.principal.name} @ ${s.account.alias || dashed(s.account.id)}`;
}

export function dashed(account: string): string {
  return account.replace(/^(\d{4})(\d{4})(\d{4})$/, "$1-$2-$3");
}
