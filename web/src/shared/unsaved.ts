// A page that was filled in and not saved is not left by mistake: by a link, by Back,
// or by closing the window.
import { useCallback, useEffect, useState } from "react";

let guard: ((leave: () => void) => void) | undefined;

/** Leaves the page, after the person agreed where something would be lost. */
export function leave(way: () => void): void {
  if (guard) guard(way);
  else way();
}

/** Lets the page go without asking, as when it is saved or cancelled. */
export function release(): void {
  guard = undefined;
}

// By Back, the address is there already: it is set back, before the router hears of
// the change. Browsers tell a window's listeners in the order that they came in, so
// this one comes when the program is loaded. (Unit tests have no window.)
globalThis.addEventListener?.(
  "hashchange",
  (e) => {
    if (!guard) return;
    e.stopImmediatePropagation();
    history.pushState(null, "", e.oldURL);
    guard(() => history.back());
  },
  { capture: true },
);

/** While filled, has leaving asked about: asked is true when the person is to choose
 * between stay and go. */
export function useUnsaved(filled: boolean): { asked: boolean; stay: () => void; go: () => void } {
  const [way, setWay] = useState<() => void>();
  useEffect(() => {
    if (!filled) return;
    const mine = (then: () => void) => setWay(() => then);
    guard = mine;
    const closing = (e: BeforeUnloadEvent) => guard === mine && e.preventDefault(); // the browser asks
    addEventListener("beforeunload", closing);
    return () => {
      if (guard === mine) guard = undefined;
      removeEventListener("beforeunload", closing);
    };
  }, [filled]);
  const stay = useCallback(() => setWay(undefined), []);
  const go = useCallback(() => {
    release();
    setWay(undefined);
    way?.();
  }, [way]);
  return { asked: way !== undefined, stay, go };
}
