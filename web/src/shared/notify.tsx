import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { useSyncExternalStore, type ReactNode } from "react";
import { describe } from "./errors";

type Item = FlashbarProps.MessageDefinition & { id: string; since: number; moved?: boolean };

/** What is said on the way to another page is still to be read there, and on no
 * page after that. */
const lasting = 2000; // ms

let here: string | undefined; // the path of the page that is shown

let items: Item[] = [];
let last = 0;
const listeners = new Set<() => void>();

function put(next: Item[]): void {
  items = next;
  listeners.forEach((tell) => tell());
}

export function dismiss(id: string): void {
  put(items.filter((i) => i.id !== id));
}

/** Takes away what belonged to the pages that were left for the one at a path. */
export function dismissOld(path: string, now = Date.now()): void {
  const moved = path !== here;
  here = path;
  put(items.filter((i) => now - i.since < lasting && !(moved && i.moved)).map((i) => ({ ...i, moved: i.moved || moved })));
}

/** Shows a message at the top of the page until it is dismissed, also on the page
 * that one is about to go to. */
export function notify(type: FlashbarProps.Type, content: ReactNode, action?: ReactNode): string {
  const id = String(++last);
  const item: Item = { id, since: Date.now(), type, content, action, dismissible: true, dismissLabel: "Dismiss message", onDismiss: () => dismiss(id) };
  put([item, ...items].slice(0, 5));
  return id;
}

export function notifyError(error: unknown, doing?: string): void {
  const e = describe(error);
  notify("error", `${doing ? doing + ": " : ""}${e.message} (${e.code})`);
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** What is shown now, the newest first. */
export const messages = (): readonly FlashbarProps.MessageDefinition[] => items;

export function Notifications() {
  const shown = useSyncExternalStore(subscribe, messages);
  return <Flashbar items={shown} stackItems={shown.length > 2} />;
}
