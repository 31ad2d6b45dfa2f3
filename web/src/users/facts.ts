// What a list of users does not tell by itself: it is asked for user by user,
// only for what is on the screen or sorted by, a few at a time, and kept until the list is
// loaded anew.
import {
  GetAccessKeyLastUsedCommand, GetLoginProfileCommand, ListAccessKeysCommand, paginateListGroupsForUser, paginateListMFADevices, type AccessKeyMetadata,
} from "@aws-sdk/client-iam";
import { useCallback, useSyncExternalStore } from "react";
import { iam } from "../aws";
import { currentSession } from "../session";
import { isMissing } from "../shared/errors";
import { collect } from "../shared/load";

export interface Key extends AccessKeyMetadata {
  used?: Date;
}

interface Kinds {
  groups: string[];
  mfa: string[]; // serial numbers
  password: Date | null; // since when; null for none
  keys: Key[];
}

export type FactKind = keyof Kinds;

const ask: { [K in keyof Kinds]: (name: string) => Promise<Kinds[K]> } = {
  groups: async (UserName) => (await collect(paginateListGroupsForUser({ client: iam() }, { UserName }), (p) => p.Groups)).map((g) => g.GroupName!),
  mfa: async (UserName) => (await collect(paginateListMFADevices({ client: iam() }, { UserName }), (p) => p.MFADevices)).map((d) => d.SerialNumber!),
  password: async (UserName) => {
    try {
      return (await iam().send(new GetLoginProfileCommand({ UserName }))).LoginProfile?.CreateDate ?? null;
    } catch (e) {
      if (isMissing(e)) return null;
      throw e;
    }
  },
  keys: async (UserName) => {
    const keys = (await iam().send(new ListAccessKeysCommand({ UserName }))).AccessKeyMetadata ?? [];
    return Promise.all(keys.map(async (k) => ({ ...k, used: await lastUsed(k.AccessKeyId!) })));
  },
};

async function lastUsed(AccessKeyId: string): Promise<Date | undefined> {
  return (await iam().send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).AccessKeyLastUsed?.LastUsedDate;
}

/** A fact: undefined while it is being asked, "unknown" when that was refused. */
export type Fact<T> = T | undefined | "unknown";

const known = new Map<string, Fact<unknown>>();
const watchers = new Map<string, Set<() => void>>();
const atOnce = 5; // one fewer than browsers have connections for
const settle = 250; // ms: who types in the filter, or leafs through the pages, wants no facts yet
let waiting: { key: string; run: () => Promise<unknown> }[] = [];
let running = 0;
let turn = 0; // answers of an earlier turn count for nothing
let timer: ReturnType<typeof setTimeout> | undefined;

function next(): void {
  while (running < atOnce && waiting.length > 0) {
    const { key, run } = waiting.pop()!; // what was asked last is on the screen now
    if (!watchers.has(key)) {
      known.delete(key); // nobody looks any more
      continue;
    }
    const mine = turn;
    running++;
    void run()
      .catch(() => "unknown")
      .then((fact) => {
        running--;
        if (mine === turn) {
          known.set(key, fact);
          watchers.get(key)?.forEach((tell) => tell());
        }
        next();
      });
  }
}

/** Forgets all, so that it is asked anew. */
export function forgetFacts(): void {
  known.clear();
  waiting = [];
  turn++;
  watchers.forEach((all) => all.forEach((tell) => tell()));
}

function watch(key: string, tell: () => void): () => void {
  const all = watchers.get(key) ?? new Set();
  watchers.set(key, all.add(tell));
  return () => {
    all.delete(tell);
    if (all.size === 0 && watchers.get(key) === all) watchers.delete(key);
  };
}

/** A fact about a user, asked for when a cell that shows it has been there for a
 * moment. */
export function useFact<K extends keyof Kinds>(kind: K, name: string): Fact<Kinds[K]> {
  const key = keyOf(kind, name);
  const subscribe = useCallback((tell: () => void) => watch(key, tell), [key]);
  return useSyncExternalStore(subscribe, () => want(kind, name));
}

/** Asks for a fact of all these users, and tells whether it is known of all. */
export function useFacts(kind: FactKind | undefined, names: string[]): boolean {
  const subscribe = useCallback(
    (tell: () => void) => {
      const ends = kind === undefined ? [] : names.map((n) => watch(keyOf(kind, n), tell));
      return () => ends.forEach((end) => end());
    },
    [kind, names],
  );
  return useSyncExternalStore(subscribe, () => kind !== undefined && names.reduce((all, n) => want(kind, n) !== undefined && all, true));
}

/** A fact as far as it is known, without asking. */
export function factOf<K extends FactKind>(kind: K, name: string): Fact<Kinds[K]> {
  return known.get(keyOf(kind, name)) as Fact<Kinds[K]>;
}

function keyOf(kind: FactKind, name: string): string {
  return [currentSession()?.id, kind, name].join(" ");
}

function want<K extends FactKind>(kind: K, name: string): Fact<Kinds[K]> {
  const key = keyOf(kind, name);
  if (!known.has(key)) {
    known.set(key, undefined);
    waiting.push({ key, run: () => ask[kind](name) });
    clearTimeout(timer);
    timer = setTimeout(next, settle);
  }
  return known.get(key) as Fact<Kinds[K]>;
}
