import type { Page } from "@playwright/test";
import { gzipSync } from "node:zlib";
import { expect, open, signIn, test } from "./fixtures";

/** Counts what comes over the wire, in bytes: what is not yet packed counts as it
 * would be. */
async function count(page: Page): Promise<() => Promise<number>> {
  const browser = await page.context().newCDPSession(page);
  const packed = new Map<string, number>();
  const plain = new Set<string>();
  await browser.send("Network.enable");
  await browser.send("Network.setCacheDisabled", { cacheDisabled: true });
  browser.on("Network.responseReceived", (e) => {
    if (!/gzip/.test(e.response.headers["content-encoding"] ?? e.response.headers["Content-Encoding"] ?? "")) plain.add(e.requestId);
  });
  browser.on("Network.loadingFinished", (e) => packed.set(e.requestId, e.encodedDataLength));
  return async () => {
    let total = 0;
    for (const [id, length] of packed) {
      if (!plain.has(id)) total += length;
      else {
        const { body, base64Encoded } = await browser.send("Network.getResponseBody", { requestId: id }).catch(() => ({ body: "", base64Encoded: false }));
        total += Math.min(length || Infinity, gzipSync(Buffer.from(body, base64Encoded ? "base64" : "utf8")).length + 600); // and its headers
      }
    }
    return total;
  };
}

const firstPaint = (page: Page) => page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity);

for (const [name, signed, heading] of [["the sign-in page", false, "Sign in"], ["the dashboard", true, "IAM Dashboard"]] as const) {
  test(`${name} is less than 600 KB`, async ({ page, server }) => {
    if (signed) await signIn(page, server);
    const total = await count(page);
    await open(page, server, "/");
    await expect(page.getByRole("heading", { name: heading })).toBeVisible();
    if (signed) await expect(page.getByRole("link", { name: /^User groups: \d/ })).toBeVisible();
    const bytes = await total();
    const paints = [await firstPaint(page)];
    while (paints.length < 3) {
      await page.reload();
      await expect(page.getByRole("heading", { name: heading })).toBeVisible();
      paints.push(await firstPaint(page));
    }
    console.log(`${name}: ${Math.round(bytes / 1000)} kB, first contentful paint after ${Math.round(Math.min(...paints))} ms (best of ${paints.length})`);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(600_000);
  });
}
