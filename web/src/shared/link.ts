import type { MouseEvent } from "react";
import { leave, release } from "./unsaved";

/** The address of a page: "#/users/Bob". Parts that people name must be encoded
 * by at(). */
export function href(path: string): string {
  return "#" + path;
}

/** A path of parts that may hold any character: at("users", name). */
export function at(...parts: string[]): string {
  return "/" + parts.map(encodeURIComponent).join("/");
}

/** Goes to a page without asking for what the present one may have unsaved: it is
 * saved, or cancelled. */
export function go(path: string): void {
  release();
  location.hash = path;
}

/** What an <a> or a Cloudscape link to a page needs. */
export function link(path: string): { href: string } {
  return { href: href(path) };
}

/** For components that tell of a click by an event of their own. */
export function follow(e: { preventDefault: () => void; detail: { href?: string } } | MouseEvent): void {
  if ("detail" in e && typeof e.detail === "object" && e.detail.href?.startsWith("#")) {
    const to = e.detail.href;
    e.preventDefault();
    leave(() => (location.hash = to));
  }
}
