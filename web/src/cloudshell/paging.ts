// Puts the pages of a list together as the CLI does, and stops amid it where
// --max-items says so.
import { bytesOf, base64, fromBase64, textOf } from "./files";
import type { Paging } from "./model";
import type { Value, Values } from "./answer";

export interface PagingOptions {
  maxItems?: number;
  pageSize?: number;
  startingToken?: string;
}

/** Where to go on: the service's token, and how many items of its page were seen. */
interface Place {
  token?: string;
  seen: number;
}

export class PagingError extends Error {}

/** One page after the other. What it returns is the token for the rest, if there is any. */
export async function* pages(
  paging: Paging,
  options: PagingOptions,
  input: Record<string, unknown>,
  ask: (input: Record<string, unknown>) => Promise<Values>,
): AsyncGenerator<Values, string | undefined> {
  const [primary, ...others] = paging.lists as [string, ...string[]];
  let place: Place = options.startingToken === undefined ? { seen: 0 } : placeOf(options.startingToken, paging.token);
  const next = { ...input };
  if (options.pageSize !== undefined) {
    if (!paging.limit) throw new PagingError("PageSize parameter is not supported for the pagination interface for this operation.");
    next[paging.limit] = options.pageSize;
  }
  let items = 0;
  for (let first = true; ; first = false) {
    if (place.token === undefined) delete next[paging.token];
    else next[paging.token] = place.token;
    const page = await ask(next);
    const skipped = first ? place.seen : 0;
    if (first && options.startingToken !== undefined) {
      page[primary] = list(page[primary]).slice(skipped);
      for (const name of others) if (name in page) page[name] = [];
    }
    const had = list(page[primary]);
    const over = options.maxItems === undefined ? 0 : items + had.length - options.maxItems;
    if (over > 0) {
      page[primary] = had.slice(0, had.length - over);
      yield page;
      return tokenOf({ token: place.token, seen: had.length - over + skipped }, paging.token);
    }
    yield page;
    items += had.length;
    const token = paging.more && page[paging.more] !== true ? undefined : page[paging.token];
    if (typeof token !== "string" || token === "") return undefined;
    if (options.maxItems === items) return tokenOf({ token, seen: 0 }, paging.token);
    if (token === place.token) throw new PagingError(`The same next token was received twice: {'${paging.token}': '${token}'}`);
    place = { token, seen: 0 };
  }
}

function list(value: Value | undefined): Value[] {
  return Array.isArray(value) ? value : [];
}

/** What is there once, beside the lists, as the first page has it. */
export function onceOf(paging: Paging, first: Values): Values {
  return Object.fromEntries(paging.once.map((name) => [name, first[name] ?? null]));
}

/** All pages in one answer. */
export async function together(paging: Paging, all: AsyncGenerator<Values, string | undefined>): Promise<Values> {
  const whole: Values = {};
  let once: Values | undefined;
  for (;;) {
    const { value, done } = await all.next();
    if (done) {
      Object.assign(whole, once);
      if (value !== undefined) whole.NextToken = value;
      return whole;
    }
    once ??= onceOf(paging, value);
    for (const name of paging.lists) {
      const more = value[name];
      if (more === undefined || more === null) continue;
      const before = whole[name];
      if (Array.isArray(before)) before.push(...list(more));
      else whole[name] = more;
    }
  }
}

function tokenOf(place: Place, name: string): string {
  const token = place.token === undefined ? "null" : ascii(JSON.stringify(place.token));
  const seen = place.seen > 0 || place.token === undefined ? `, "boto_truncate_amount": ${place.seen}` : "";
  return base64(bytesOf(`{"${name}": ${token}${seen}}`));
}

function ascii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
}

/** What is not one of the CLI's tokens is taken as one of the service's. */
function placeOf(text: string, name: string): Place {
  try {
    const { boto_truncate_amount: seen = 0, [name]: token, ...rest } = JSON.parse(textOf(fromBase64(text)!)!) as Record<string, unknown>;
    const good = Number.isInteger(seen) && (token === null || typeof token === "string") && Object.keys(rest).length === 0;
    if (good) return { token: token ?? undefined, seen: seen as number };
  } catch {
    // It is the service's.
  }
  return { token: text, seen: 0 };
}
