import type { MouseEvent } from "react";

/** The address of a page: "#/users/Bob". Parts that people name must be encoded
 * by at(). */
export function href(path: string): string {
  return "#" + path;
}

/** A path of parts that may hold any character: at("users", name). */
export function at(...parts: string[]): string {
  return "/" + parts.map(encodeURIComponent).join("/");
}

export function go(path: string): void {
  location.hash = path;
}

/** What an <a> or a Cloudscape link to a page needs. */
export function link(path: string): { href: string } {
  return { href: href(path) };
}

/** For components that tell of a click by an event of their own. */
export function follow(e: { preventDefault: () => void; detail: { href?: string } } | MouseEvent): void {
  if ("detail" in e && typeof e.detail === "object" && e.detail.href?.startsWith("#")) {
    e.preventDefault();
    location.hash = e.detail.href;
  }
}
