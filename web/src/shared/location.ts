// Where the page is, for wouter: what follows the # of the address.
import { useHashLocation } from "wouter/use-hash-location";

/** The page's path, up to a ?. */
export function usePath(): ReturnType<typeof useHashLocation> {
  const [path, navigate] = useHashLocation();
  return [path.split("?")[0]!, navigate];
}

/** What the address asks of the page: after the ? of its path or, as links of AWS's
 * form have it, before the #. useSearchParams reads it. */
export function useQuery(): string {
  const [whole] = useHashLocation();
  const at = whole.indexOf("?");
  return at < 0 ? location.search : whole.slice(at);
}
