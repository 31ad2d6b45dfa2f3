import { useSyncExternalStore } from "react";

function subscribe(tell: () => void): () => void {
  const observer = new MutationObserver(tell);
  observer.observe(document.body, { attributeFilter: ["class"] });
  return () => observer.disconnect();
}

/** Tells whether the page is dark, as Cloudscape's mode says. */
export function useDark(): boolean {
  return useSyncExternalStore(subscribe, () => document.body.classList.contains("awsui-dark-mode"));
}

/** The code editor's theme for it. */
export function themeOf(dark: boolean): string {
  return dark ? "ace/theme/cloud_editor_dark" : "ace/theme/cloud_editor";
}
