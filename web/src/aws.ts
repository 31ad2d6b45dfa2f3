// The ways to the server: AWS's own APIs by the SDK, and the few calls that the
// console has beside them. All are signed by the current session's keys.
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { IAMClient } from "@aws-sdk/client-iam";
import type { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import type { OrganizationsClient } from "@aws-sdk/client-organizations";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { remember, Seen, versionHeader } from "./versions";
import { currentSession, endSession, findSession, renewKeys, subscribe, type Keys, type Session } from "./session";

export const region = "us-east-1";

/** A refusal of a call that is not one of the SDK's; it looks like the SDK's. */
export class CallError extends Error {
  readonly $metadata: { httpStatusCode: number; requestId?: string };
  constructor(
    readonly name: string,
    message: string,
    status: number,
    requestId?: string,
    readonly detail?: unknown,
  ) {
    super(message);
    this.$metadata = { httpStatusCode: status, requestId };
  }
}

const early = 5 * 60_000; // keys are renewed this long before they end
const renewals = new Map<string, Promise<Keys>>();

function identity(keys: Keys) {
  return {
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    sessionToken: keys.sessionToken,
  };
}

/** The session's keys, renewed when they are about to end. */
async function freshKeys(id: string): Promise<Keys> {
  const session = findSession(id);
  if (!session) throw new CallError("ExpiredToken", "You are signed out.", 403);
  const left = Date.parse(session.keys.expiration) - Date.now() - ahead;
  const last = session.role === undefined && session.keys.expiration >= session.ends;
  if (left > early || (last && left > 0)) return session.keys;
  let renewal = renewals.get(id);
  if (!renewal) {
    renewal = renew(session).finally(() => renewals.delete(id));
    renewals.set(id, renewal);
  }
  // While the old keys are good, a server that does not answer now may do so later.
  return renewal.catch((e: unknown) => {
    if (left > 0 && !isOver(e)) return session.keys;
    throw e;
  });
}

/** How far the server's clock is ahead of the browser's, in milliseconds. Signatures
 * are good for minutes only, and people's clocks are wrong by hours. */
let ahead = 0;

function learnTime(off: number): void {
  if (!Number.isNaN(off)) ahead = Math.abs(off) > 60_000 ? off : 0;
}

async function renew(session: Session): Promise<Keys> {
  try {
    if (session.role) {
      const base = findSession(session.role.base);
      if (!base) throw new CallError("ExpiredToken", "The session that took this role has ended.", 403);
      const { keys } = await assume(base, session.role.arn, session.role.sessionName);
      renewKeys(session.id, keys);
      return keys;
    }
    const answer = await send<Renewal>(session.keys, "/console/api/renew", {});
    const keys = toKeys(answer.credentials);
    renewKeys(session.id, keys, answer.ends);
    return keys;
  } catch (e) {
    if (isOver(e)) endSession(session.id, over);
    throw e;
  }
}

/** What a person reads whose session is no more. */
const over = "The session has ended: it was too old, or the user or the role may sign in no more. Sign in again.";

/** Tells whether an error means that the session is no more. */
export function isOver(e: unknown): boolean {
  return e instanceof Error && ["ExpiredToken", "InvalidClientTokenId", "ExpiredTokenException", "UnrecognizedClientException"].includes(e.name);
}

export interface Credentials {
  AccessKeyId: string;
  SecretAccessKey: string;
  SessionToken: string;
  Expiration: string;
}

interface Renewal {
  credentials: Credentials;
  ends: string;
}

export function toKeys(c: Credentials): Keys {
  return { accessKeyId: c.AccessKeyId, secretAccessKey: c.SecretAccessKey, sessionToken: c.SessionToken, expiration: c.Expiration };
}

/** Assumes a role by a session: the keys, and who one is then. */
export async function assume(base: Session, roleArn: string, sessionName: string): Promise<{ keys: Keys; arn: string }> {
  const sts = new STSClient(config(base.id));
  const out = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName }));
  const c = out.Credentials!;
  return {
    arn: out.AssumedRoleUser!.Arn!,
    keys: {
      accessKeyId: c.AccessKeyId!,
      secretAccessKey: c.SecretAccessKey!,
      sessionToken: c.SessionToken!,
      expiration: c.Expiration!.toISOString(),
    },
  };
}

/** What a client of the session has: its keys, and this server and no other. */
export function config(id: string) {
  return {
    region,
    endpoint: location.origin,
    maxAttempts: 3,
    systemClockOffset: ahead,
    // The client must ask for keys each time, so that sign-out and renewal hold at once.
    credentials: async () => ({ ...identity(await freshKeys(id)), expiration: new Date() }),
  };
}

const clients = new Map<string, { id: string; client: unknown }>();
const versions = new Map<string, Seen>(); // by session

// Clients remember keys: with a session, its clients go.
subscribe(() => {
  clients.forEach(({ id }, key) => findSession(id) ?? clients.delete(key));
  versions.forEach((_, id) => findSession(id) ?? versions.delete(id));
});

function seenBy(id: string): Seen {
  let seen = versions.get(id);
  if (!seen) versions.set(id, (seen = new Seen()));
  return seen;
}

/** Ends the session when one of the client's calls finds that it is no more. What
 * sounds like it may be said of other keys or tokens, so the session is asked. */
function watch(client: Pick<IAMClient, "middlewareStack" | "config">, id: string): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        const out = await next(args);
        learnTime(client.config.systemClockOffset);
        return out;
      } catch (e) {
        if (isOver(e) && (await isGone(id))) endSession(id, over);
        throw e;
      }
    },
    { step: "initialize", name: "sessionOver" },
  );
}

async function isGone(id: string): Promise<boolean> {
  if (!findSession(id)) return false;
  try {
    await new STSClient(config(id)).send(new GetCallerIdentityCommand({}));
    return false;
  } catch (e) {
    return isOver(e);
  }
}

/** The current session's client of a kind, made once. */
export function clientOf<C extends CloudTrailClient | IAMClient | OrganizationsClient | STSClient>(kind: string, make: (id: string) => C): C {
  const session = currentSession();
  if (!session) throw new CallError("ExpiredToken", "You are signed out.", 403);
  const key = kind + " " + session.id;
  const made = clients.get(key);
  if (made) return made.client as C;
  const client = make(session.id);
  watch(client as Pick<IAMClient, "middlewareStack" | "config">, session.id);
  remember(client as Pick<IAMClient, "middlewareStack">, seenBy(session.id));
  clients.set(key, { id: session.id, client });
  return client;
}

/** IAM, as the signed-in person. */
export function iam(): IAMClient {
  return clientOf("iam", (id) => new IAMClient(config(id)));
}

/** STS, as the signed-in person. */
export function sts(): STSClient {
  return clientOf("sts", (id) => new STSClient(config(id)));
}

/** Organizations, as the signed-in person; loaded when it is first asked for. */
export async function organizations(): Promise<OrganizationsClient> {
  const { OrganizationsClient } = await import("@aws-sdk/client-organizations");
  return clientOf("organizations", (id) => new OrganizationsClient(config(id)));
}

/** One of the console's own calls, signed by the session's keys. */
export async function call<T>(path: string, body: unknown): Promise<T> {
  const session = currentSession();
  if (!session) throw new CallError("ExpiredToken", "You are signed out.", 403);
  return ended(session.id, send<T>(await freshKeys(session.id), "/console/api/" + path, body, seenBy(session.id)));
}

/** Ends the session when the answer says that it is no more. */
function ended<T>(id: string, answer: Promise<T>): Promise<T> {
  return answer.catch((e: unknown) => {
    if (isOver(e)) endSession(id, over);
    throw e;
  });
}

/** One request about applications that call the Selling Partner API; the path is
 * below that of all of them. What is answered without a body is undefined. */
export async function applicationCall<T>(method: Request["method"], path: string, body?: unknown): Promise<T> {
  const session = currentSession();
  if (!session) throw new CallError("ExpiredToken", "You are signed out.", 403);
  return ended(session.id, request<T>(await freshKeys(session.id), { method, service: "sellingpartnerapi", path: "/spapi/applications" + path, body, seen: seenBy(session.id) }));
}

function send<T>(keys: Keys, path: string, body: unknown, seen?: Seen): Promise<T> {
  return request<T>(keys, { method: "POST", service: "signin", path, body, seen });
}

/** What is asked of the server, and the service that it is signed for. */
interface Request {
  method: "GET" | "POST" | "DELETE";
  service: string;
  path: string;
  query?: Record<string, string>;
  body?: unknown; // becomes JSON
  seen?: Seen; // the answer stands upon nothing older
}

/** A signed request; once more when the first try told that the browser's clock is
 * wrong. */
async function request<T>(keys: Keys, asked: Request): Promise<T> {
  const supposed = ahead;
  try {
    return await requestOnce<T>(keys, asked);
  } catch (e) {
    const skewed = e instanceof CallError && ["SignatureDoesNotMatch", "InvalidSignatureException"].includes(e.name);
    if (ahead === supposed || !skewed) throw e;
    return requestOnce<T>(keys, asked);
  }
}

async function requestOnce<T>(keys: Keys, { method, service, path, query = {}, body, seen }: Request): Promise<T> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const signer = new SignatureV4({ credentials: identity(keys), region, service, sha256: Sha256 });
  const signed = await signer.sign(
    {
      method,
      protocol: location.protocol,
      hostname: location.hostname,
      path,
      query,
      headers: { host: location.host, ...(text !== undefined && { "content-type": "application/json" }) },
      body: text,
    },
    { signingDate: new Date(Date.now() + ahead) },
  );
  const { host: _, ...headers } = signed.headers; // the browser's own to set
  const versions = seen?.begin().header; // these doors tell none, but wait for those
  if (versions) headers[versionHeader] = versions;
  const search = new URLSearchParams(query).toString();
  const url = path + (search && "?" + search);
  return answerOf<T>(await fetch(url, { method, headers, body: text, credentials: "omit", redirect: "error" }));
}

/** One of the console's own calls that needs no keys. */
export async function ask<T>(path: string, body?: unknown): Promise<T> {
  const post = body !== undefined && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return answerOf<T>(await fetch("/console/api/" + path, { ...post, credentials: "omit", redirect: "error" }));
}

async function answerOf<T>(r: Response): Promise<T> {
  learnTime(Date.parse(r.headers.get("date") ?? "") - Date.now());
  const id = r.headers.get("x-amzn-requestid") ?? undefined;
  const json: unknown = await r.json().catch(() => undefined);
  if (r.ok && (json !== undefined || r.status === 204)) return json as T;
  const e = (json ?? {}) as { code?: string; message?: string; __type?: string };
  const code = e.code ?? r.headers.get("x-amzn-errortype") ?? e.__type ?? "Unreachable";
  throw new CallError(code, e.message ?? `The server answered ${r.status}.`, r.status, id, json);
}

/** A finding of Access Analyzer's, as ValidatePolicy answers. */
export interface Finding {
  findingDetails: string;
  findingType: "ERROR" | "SECURITY_WARNING" | "SUGGESTION" | "WARNING";
  issueCode: string;
  learnMoreLink: string;
  locations: { path: PathElement[]; span: { start: Place; end: Place } }[];
}
export interface Place {
  line: number; // from 1
  column: number; // from 0
  offset: number;
}
export type PathElement = { index: number } | { key: string } | { value: string } | { substring: { start: number; length: number } };

export type PolicyType = "IDENTITY_POLICY" | "RESOURCE_POLICY" | "SERVICE_CONTROL_POLICY" | "RESOURCE_CONTROL_POLICY";

/** Access Analyzer's ValidatePolicy, all pages. */
export async function validatePolicy(policyDocument: string, policyType: PolicyType, resourceType?: string): Promise<Finding[]> {
  const session = currentSession();
  if (!session) throw new CallError("ExpiredToken", "You are signed out.", 403);
  const findings: Finding[] = [];
  let nextToken: string | undefined;
  do {
    const keys = await freshKeys(session.id);
    const query: Record<string, string> = nextToken ? { nextToken } : {};
    const body = { policyDocument, policyType, validatePolicyResourceType: resourceType };
    const page: FindingsPage = await ended(session.id, request(keys, { method: "POST", service: "access-analyzer", path: "/policy/validation", query, body, seen: seenBy(session.id) }));
    findings.push(...page.findings);
    nextToken = page.nextToken;
  } while (nextToken);
  return findings;
}

interface FindingsPage {
  findings: Finding[];
  nextToken?: string;
}
