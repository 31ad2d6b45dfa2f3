const between = 500; // ms, between two looks at a report that is being made

/** Waits a little, or until it is not wanted any more. */
export function pause(signal?: AbortSignal): Promise<void> {
  return new Promise((go, stop) => {
    const end = setTimeout(go, between);
    signal?.addEventListener("abort", () => {
      clearTimeout(end);
      stop(signal.reason);
    });
  });
}
