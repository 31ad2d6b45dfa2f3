import { useParams } from "wouter";

/** A parameter of the page's path, as at() was given it: wouter leaves reserved
 * characters, such as the colons of an ARN, encoded. */
export function useParam(name: string): string {
  const raw = useParams()[name] ?? "";
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}
