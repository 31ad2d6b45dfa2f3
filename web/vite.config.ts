/// <reference types="vitest/config" />
import { basename } from "node:path";
import { helpTexts } from "./help-texts";
import { defineConfig, type Plugin } from "vite";

/** Fonts that a style sheet holds in itself become files: they come when they are
 * used, and the page does not wait for them. */
const fontsApart: Plugin = {
  name: "fonts-apart",
  apply: "build",
  enforce: "post",
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== "asset" || !file.fileName.endsWith(".css")) continue;
      const text = String(file.source);
      if (!text.includes("data:font/woff2")) continue;
      file.source = text
        .replace(/url\(["']?data:font\/woff2;[^,]*base64,([^)"']+)["']?\)/g, (_, base64: string) => {
          const font = this.emitFile({ type: "asset", name: "font.woff2", source: Buffer.from(base64, "base64") });
          return `url(${basename(this.getFileName(font))})`;
        })
        .replaceAll(/@font-face\s*\{/g, "@font-face{font-display:swap;");
    }
  },
};

/** Cloudscape's toolbar of narrow windows says how it lies, which a <nav> cannot:
 * assistive technology is to ignore that, and axe calls it a fault. */
const navWithoutOrientation: Plugin = {
  name: "nav-without-orientation",
  transform: {
    filter: { id: /\/app-layout\/visual-refresh\/mobile-toolbar\.js$/ },
    handler: (code) => ({ code: code.replace('"aria-orientation": "horizontal", ', ""), map: null }),
  },
};

// The console is served under /console/ by the program that it is embedded in.
export default defineConfig({
  base: "/console/",
  plugins: [fontsApart, navWithoutOrientation, helpTexts()],
  oxc: { jsx: { runtime: "automatic" } },
  build: {
    target: "es2022",
    // Nothing is inlined as a script or a style: the content security policy forbids both.
    assetsInlineLimit: (file) => (/\.(woff2?|svg|png)$/.test(file) ? undefined : false),
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What all commands of a client are made with stands in one file: split by
          // pages, such files would need each other before they are there.
          groups: ["iam", "organizations", "sts"].map((name) => ({
            name: "sdk-" + name,
            test: new RegExp(`@aws-sdk/client-${name}/dist-es/(?!commands|pagination|waiters)`),
          })),
        },
      },
      onLog(level, log, handler) {
        if (log.code === "MODULE_LEVEL_DIRECTIVE") return; // "use client" of components
        handler(level, log);
      },
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"] },
});
