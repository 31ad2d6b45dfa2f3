// Why a call was denied, as the server tells it.
import { DecodeAuthorizationMessageCommand } from "@aws-sdk/client-sts";
import { call, sts } from "../../aws";
import { asking } from "../question";

export interface Trace {
  requestId: string;
  time: string;
  principal: { arn: string; id: string; uniqueId: string; name?: string; account: string; accessKeyId: string };
  action: string;
  resource?: string;
  resourceAccount?: string;
  crossAccount: boolean;
  message: string;
  reason: string;
  explicitDeny: boolean;
  decidedBy?: string;
  policy?: string;
  statement: number; // from 0; -1 for none
  types?: TracedType[];
  missingContextKeys?: string[];
  context: TracedKey[] | null;
  omitted?: string[];
}

export interface TracedType {
  type: string;
  level?: number;
  result: "allowed" | "explicitDeny" | "implicitDeny";
  overridden?: boolean;
  statements: TracedStatement[];
}

export interface TracedStatement {
  policy: string;
  statement: number; // from 0; -1 for the policy as a whole
  line?: number;
  sid?: string;
  effect: string;
  applies: boolean;
  element?: string;
  detail?: string;
}

export interface TracedKey {
  key: string;
  values: string[];
}

export function traceOf(requestId: string): Promise<Trace> {
  return call<Trace>("denials", { requestId });
}

interface Items<T> {
  items: T[];
}
type Value = { value: string };
type Key = { key: string; values: Items<Value> };

/** A decoded authorization message, as AWS's documents have it. */
interface Message {
  allowed: boolean;
  explicitDeny: boolean;
  matchedStatements: Items<{ statementId: string; effect: string; actions: Items<Value>; resources: Items<Value>; conditions: Items<Key> }>;
  context: { principal: { id: string; name?: string; arn: string }; action: string; resource: string; conditions: Items<Key> };
  omitted?: string;
}

export interface Decoded {
  principal: { id: string; name?: string; arn: string };
  action: string;
  resource: string;
  explicitDeny: boolean;
  statements: { sid: string; effect: string; actions: string[]; resources: string[]; conditions: TracedKey[] }[];
  context: TracedKey[];
  omitted?: string;
  /** The message as it was decoded, laid out. */
  text: string;
}

export async function decode(EncodedMessage: string): Promise<Decoded> {
  const { DecodedMessage } = await sts().send(new DecodeAuthorizationMessageCommand({ EncodedMessage }));
  return readMessage(DecodedMessage ?? "");
}

export function readMessage(text: string): Decoded {
  const m = JSON.parse(text) as Message;
  const plain = (list: Items<Value> | undefined) => list?.items.map((v) => v.value) ?? [];
  const keys = (list: Items<Key> | undefined) => list?.items.map((k) => ({ key: k.key, values: plain(k.values) })) ?? [];
  return {
    principal: m.context.principal, action: m.context.action, resource: m.context.resource, explicitDeny: m.explicitDeny,
    statements: m.matchedStatements.items.map((s) => ({ sid: s.statementId, effect: s.effect, actions: plain(s.actions), resources: plain(s.resources), conditions: keys(s.conditions) })),
    context: keys(m.context.conditions), omitted: m.omitted, text: JSON.stringify(m, undefined, 4),
  };
}

/** What was pasted: a request id, an encoded message, or a text that holds either. */
export function findIn(text: string): { requestId: string } | { message: string } | undefined {
  const words = text.trim();
  const message = words.match(/[A-Za-z0-9_+/=-]{100,}/g)?.sort((a, b) => b.length - a.length)[0];
  if (message) return { message };
  const id = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i.exec(words)?.[0] ?? (/^[\w-]{8,64}$/.test(words) ? words : undefined);
  return id ? { requestId: id.toLowerCase() === id ? id : /-/.test(id) ? id.toLowerCase() : id } : undefined;
}

/** The simulator with the same question; none for whom it can't ask. */
export function simulatorPath(arn: string, action: string, resource: string | undefined, context: TracedKey[]): string | undefined {
  if (!/^arn:[^:]*:(iam::\d+:(user|role)\/|sts::\d+:assumed-role\/)/.test(arn)) return undefined;
  const path = asking("/simulator", { principal: arn, action, resource: /^arn:/.test(resource ?? "") ? resource : undefined });
  const keys = context.flatMap((k) => k.values.map((v) => ["context", `${k.key}=${v}`]));
  return keys.length > 0 ? `${path}&${new URLSearchParams(keys)}` : path;
}

const results = { allowed: "Allows it", implicitDeny: "Does not allow it", explicitDeny: "Denies it" } as const;

/** "Service control policy, level 2": levels count from the organization's root. */
export function titleOf(t: TracedType): string {
  const level = /control policy$/.test(t.type) ? `, level ${(t.level ?? 0) + 1}` : "";
  return t.type.charAt(0).toUpperCase() + t.type.slice(1) + level;
}

export function resultOf(t: TracedType): string {
  return results[t.result] + (t.overridden ? ", which does not matter to this request" : "");
}

/** Whether a statement applies, and else which of its elements did not fit. */
export function settled(s: TracedStatement): string {
  const text = s.applies ? "Applies" : s.element ? `Does not apply: ${s.element}` : "Does not apply";
  return s.detail ? `${text}: ${s.detail}` : text;
}
