import { useCallback, useEffect, useRef, useState, type DependencyList } from "react";

export interface Loaded<T> {
  data?: T;
  error?: unknown;
  loading: boolean;
  reload: () => void;
}

/** Runs fetch once, and again when one of the dependencies changes or reload is
 * called. What is there stays while it is loaded anew; an answer that comes too
 * late counts for nothing. */
export function useLoad<T>(fetch: (signal: AbortSignal) => Promise<T>, deps: DependencyList): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: unknown; loading: boolean }>({ loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(fetch);
  latest.current = fetch;
  const seen = useRef(deps);
  useEffect(() => {
    const stop = new AbortController();
    const same = seen.current.length === deps.length && seen.current.every((d, i) => Object.is(d, deps[i]));
    seen.current = deps;
    setState((s) => ({ data: same ? s.data : undefined, loading: true }));
    latest.current(stop.signal).then(
      (data) => !stop.signal.aborted && setState({ data, loading: false }),
      (error: unknown) => !stop.signal.aborted && setState((s) => ({ data: s.data, error, loading: false })),
    );
    return () => stop.abort();
  }, [...deps, turn]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  return { ...state, reload };
}

/** All pages of an SDK paginator, in one list. */
export async function collect<P, T>(pages: AsyncIterable<P>, of: (page: P) => T[] | undefined): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...(of(page) ?? []));
  return all;
}

/** Runs work and keeps what became of it: for buttons. */
export function useWork(): { busy: boolean; error: unknown; run: (work: () => Promise<unknown>) => Promise<boolean>; clear: () => void } {
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false });
  const run = useCallback(async (work: () => Promise<unknown>) => {
    setState({ busy: true });
    try {
      await work();
      setState({ busy: false });
      return true;
    } catch (error) {
      setState({ busy: false, error });
      return false;
    }
  }, []);
  const clear = useCallback(() => setState({ busy: false }), []);
  return { ...state, error: state.error, run, clear };
}
