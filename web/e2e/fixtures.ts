// What every browser test has: a server of its own worker, a signed-in page, and
// a watch on what no page may do.
import { IAMClient } from "@aws-sdk/client-iam";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { STSClient } from "@aws-sdk/client-sts";
import { expect, test as base, type Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { start, type Server } from "./server";

export interface Aws {
  iam: IAMClient;
  sts: STSClient;
  organizations: OrganizationsClient;
}

export function clients(server: Server, credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } = server.keys): Aws {
  const config = { region: "us-east-1", endpoint: server.url, credentials };
  return { iam: new IAMClient(config), sts: new STSClient(config), organizations: new OrganizationsClient(config) };
}

interface Answer {
  credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string; Expiration: string };
  account: object;
  principal: { type: string; arn: string; userName?: string; email?: string };
  ends: string;
}

/** Signs in by the door that the sign-in page uses, without its page; the page
 * finds itself signed in when it is opened. */
export async function signIn(page: Page, server: Server, who: object = { type: "root", email: server.email, password: server.password }): Promise<void> {
  const r = await fetch(`${server.url}/console/api/signin`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(who) });
  const a = (await r.json()) as Answer;
  expect(r.status, JSON.stringify(a)).toBe(200);
  const session = {
    id: a.principal.arn + " " + a.credentials.AccessKeyId,
    keys: { accessKeyId: a.credentials.AccessKeyId, secretAccessKey: a.credentials.SecretAccessKey, sessionToken: a.credentials.SessionToken, expiration: a.credentials.Expiration },
    ends: a.ends,
    account: a.account,
    principal: { type: a.principal.type, arn: a.principal.arn, name: a.principal.userName || a.principal.email || "root" },
  };
  await page.addInitScript((kept) => {
    if (!sessionStorage.getItem("iamd.seeded")) {
      sessionStorage.setItem("iamd.seeded", "yes");
      sessionStorage.setItem("iamd.sessions", kept);
    }
  }, JSON.stringify({ sessions: [session], current: session.id }));
}

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** With DIST, the pages are those of a build that is in no program yet. */
async function unbuilt(page: Page): Promise<void> {
  const dist = process.env.DIST;
  if (!dist) return;
  await page.context().route(/\/console\/(?!api\/)/, (route) => {
    const path = new URL(route.request().url()).pathname.replace("/console/", "") || "index.html";
    return route.fulfill({ path: join(dist, path), headers: { "content-security-policy": policy, "content-type": type(path) } });
  });
}

function type(path: string): string {
  const types: Record<string, string> = { html: "text/html", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
  return types[path.split(".").at(-1)!] ?? "application/octet-stream";
}

/** Opens a page of the console: open(page, server, "/users"). */
export async function open(page: Page, server: Server, path: string): Promise<void> {
  await page.goto(`${server.url}/console/#${path}`);
}

/** Opens another page from one that was filled in, and agrees that it is lost. */
export async function leaveFor(page: Page, server: Server, path: string): Promise<void> {
  await open(page, server, path);
  await page.getByRole("dialog", { name: "Leave page?" }).getByRole("button", { name: "Leave" }).click();
}

const axeSource = readFileSync(join(import.meta.dirname, "../node_modules/axe-core/axe.min.js"), "utf8");

/** Asks axe about the page as it stands, by all its rules in light, by those about
 * colours in dark: it must find nothing. */
export async function accessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axeSource);
  for (const mode of ["light", "dark"] as const) {
    const found = await page.evaluate(async (dark) => {
      document.body.classList.toggle("awsui-dark-mode", dark);
      const axe = (window as unknown as { axe: { run: (at: object, o: object) => Promise<{ violations: Violation[] }> } }).axe;
      interface Violation { id: string; help: string; nodes: { html: string }[] }
      const rules = dark ? { runOnly: ["color-contrast", "link-in-text-block"] } : {};
      const { violations } = await axe.run(document, { resultTypes: ["violations"], ...rules });
      return violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.map((n) => n.html.slice(0, 200)).join("\n  ")}`);
    }, mode === "dark");
    expect(found, `axe on ${what}, ${mode}`).toEqual([]);
  }
  await page.evaluate(() => document.body.classList.remove("awsui-dark-mode"));
}

/** Puts a text in the place of what the JSON editor holds. */
export async function writePolicy(page: Page, text: string): Promise<void> {
  const area = page.locator(".policy-code-area").filter({ has: page.locator(".ace_content") }).first();
  await expect(async () => {
    await area.locator(".ace_content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Backspace");
    await page.keyboard.insertText(text);
    await expect(area.locator(".ace_line").first()).toContainText(text.split("\n")[0]!.slice(0, 16), { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
}

/** Cloudscape says faults once more, to screen readers alone and some time later: a
 * test that looks for a text would then find it twice. */
async function unrepeated(page: Page): Promise<void> {
  await page.context().addInitScript(() => {
    new MutationObserver(() => {
      for (const e of document.querySelectorAll('[class*="awsui_announcer"]')) if (e.textContent) e.textContent = "";
    }).observe(document, { childList: true, characterData: true, subtree: true });
  });
}

/** A picture for docs/screenshots, when SCREENSHOTS says where to put it. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, name + ".png") });
}

interface Kept {
  file?: string;
  server?: Server;
}

export const test = base.extend<{ server: Server; aws: Aws; watched: void }, { kept: Kept }>({
  kept: [
    async ({}, use) => {
      const kept: Kept = {};
      await use(kept);
      await kept.server?.stop();
    },
    { scope: "worker" },
  ],
  // The tests of a file share a server, and no two files do.
  server: async ({ kept }, use, about) => {
    if (kept.file !== about.file) {
      await kept.server?.stop();
      kept.file = undefined;
      kept.server = await start();
      kept.file = about.file;
    }
    await use(kept.server!);
  },
  aws: async ({ server }, use) => use(clients(server)),
  // No page may break the content security policy, ask another origin for
  // anything, set a cookie, or throw.
  watched: [
    async ({ page }, use) => {
      const faults: string[] = [];
      await unbuilt(page);
      await unrepeated(page);
      page.on("request", (r) => {
        const to = new URL(r.url());
        if (!["localhost", ""].includes(to.hostname)) faults.push("request to " + r.url());
      });
      page.on("pageerror", (e) => faults.push("uncaught: " + e.stack));
      page.on("console", (m) => {
        if (/Content Security Policy|Refused to/.test(m.text())) faults.push(m.text());
      });
      await use();
      expect(faults).toEqual([]);
      expect(await page.context().cookies()).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect } from "@playwright/test";
