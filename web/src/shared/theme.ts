import { applyMode, Mode } from "@cloudscape-design/global-styles";

export type Theme = "system" | "light" | "dark";

const place = "iamd.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

export function theme(): Theme {
  try {
    const kept = localStorage.getItem(place);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

/** Keeps the choice for this browser, and shows it. */
export function setTheme(chosen: Theme): void {
  try {
    localStorage.setItem(place, chosen);
  } catch {
    // It holds until the page is loaded anew.
  }
  applyTheme(chosen);
}

export function applyTheme(chosen: Theme = theme()): void {
  const isDark = chosen === "dark" || (chosen === "system" && dark.matches);
  applyMode(isDark ? Mode.Dark : Mode.Light);
}

dark.addEventListener("change", () => applyTheme());
