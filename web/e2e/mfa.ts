// An authenticator app, for tests.
import { expect, type Page } from "@playwright/test";
import { createHmac } from "node:crypto";
import type { Server } from "./server";

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

/** A code that an authenticator app shows, some steps of 30 s from now (RFC 6238). */
export function code(seed: string, ahead = 0): string {
  const bits = [...seed.replaceAll("=", "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g)!.map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac("sha1", secret).update(step).digest();
  const at = mac[19]! & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Assigns an authenticator app in the open dialog; gives its seed. */
export async function setUp(page: Page, name: string): Promise<string> {
  await page.getByRole("dialog", { name: "Select MFA device" }).getByLabel("Device name").fill(name);
  await page.getByRole("radio", { name: /Authenticator app/ }).check();
  await press(page, "Next");
  const setting = page.getByRole("dialog", { name: "Set up device" });
  await expect(setting.getByRole("img", { name: /QR code/ })).toBeVisible();
  await setting.getByRole("button", { name: "Show secret key" }).click();
  const seed = /[A-Z2-7]{32,}/.exec((await setting.textContent())!)![0];
  await setting.getByLabel("MFA code 1").fill(code(seed));
  await setting.getByLabel("MFA code 2").fill(code(seed, 1));
  return seed;
}

/** What the sign-in door answers. */
export function signInAnswer(server: Server, body: object): Promise<{ next?: string; credentials?: object }> {
  return fetch(`${server.url}/console/api/signin`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }).then((r) => r.json() as never);
}
