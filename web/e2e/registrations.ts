// Registered applications without the console: as their owner's programs make them,
// and as they themselves ask for tokens.
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { expect } from "@playwright/test";
import type { Server } from "./server";

export interface Application {
  client_id: string;
  client_secret: string;
  refresh_token: string;
}

/** Registers an application by the root user's keys. */
export async function registered(server: Server, name: string, iam_arn: string, selling_partner_id?: string): Promise<Application> {
  const to = new URL("/spapi/applications", server.url);
  const signer = new SignatureV4({ credentials: server.keys, region: "us-east-1", service: "sellingpartnerapi", sha256: Sha256 });
  const body = JSON.stringify({ name, iam_arn, selling_partner_id });
  const { headers } = await signer.sign({ method: "POST", protocol: to.protocol, hostname: to.hostname, path: to.pathname, headers: { host: to.host }, body });
  const r = await fetch(to, { method: "POST", headers, body });
  expect(r.status).toBe(201);
  return (await r.json()) as Application;
}

/** Asks Login with Amazon for tokens: what it answers, the status beside it. */
export async function tokens(server: Server, form: Record<string, string>): Promise<Record<string, unknown>> {
  const r = await fetch(server.url + "/auth/o2/token", { method: "POST", body: new URLSearchParams(form) });
  return { status: r.status, ...((await r.json()) as object) };
}
