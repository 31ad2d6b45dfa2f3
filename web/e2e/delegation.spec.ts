import { CreateDelegationRequestCommand, CreateUserCommand, GetDelegationRequestCommand } from "@aws-sdk/client-iam";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server as Listener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessible, clients, expect, open, signIn, test as base } from "./fixtures";
import { start, type Server } from "./server";

const template = "arn:aws:iam::aws:delegation-template/example.com/Reader";
const topic = "arn:aws:sns:us-east-1:111122223333:delegations";
const PolicyDocument = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["iam:ListUserTags"], Resource: "arn:aws:iam::*:user/@{userName}" }] };

interface Asked {
  server: Server;
  /** What the requestor heard. */
  heard: string[];
}

const test = base.extend<{ asked: Asked }>({
  asked: async ({}, use) => {
    const heard: string[] = [];
    const requestor: Listener = createServer((request, answer) => {
      let body = "";
      request.on("data", (d) => (body += d)).on("end", () => (heard.push(body), answer.end()));
    }).listen(0, "127.0.0.1");
    await new Promise((ready) => requestor.once("listening", ready));
    const folder = mkdtempSync(join(tmpdir(), "iamd-templates-"));
    const file = join(folder, "templates.json");
    writeFileSync(file, JSON.stringify({ PolicyTemplates: [{ Arn: template, Partner: "Example Corp", PolicyDocument }] }));
    const url = `http://127.0.0.1:${(requestor.address() as AddressInfo).port}/`;
    const server = await start({ config: JSON.stringify({ templates_file: file, topics: { [topic]: url } }) });
    await use({ server, heard });
    await server.stop();
    requestor.close();
    rmSync(folder, { recursive: true });
  },
});

test("a request by its link: taken on, approved, and access given; another rejected", async ({ page, asked: { server, heard } }) => {
  const { iam } = clients(server);
  await iam.send(new CreateUserCommand({ UserName: "Ann" }));
  let asked = 0;
  const request = () =>
    iam.send(
      new CreateDelegationRequestCommand({
        Description: "Reads tags", NotificationChannel: topic, RequestorWorkflowId: `workflow-${++asked}`, SessionDuration: 3600, RequestMessage: "Please",
        Permissions: { PolicyTemplateArn: template, Parameters: [{ Name: "userName", Type: "string", Values: ["Ann"] }] },
      }),
    );
  const state = async (id: string) => (await iam.send(new GetDelegationRequestCommand({ DelegationRequestId: id }))).DelegationRequest!.State;
  const first = await request();
  await signIn(page, server);
  await page.goto(first.ConsoleDeepLink!.replace("127.0.0.1", "localhost"));
  await page.getByRole("button", { name: "Take on this request" }).click();
  await accessible(page, "take on a request");
  await page.getByRole("dialog").getByRole("button", { name: "Take on" }).click();
  await expect(page.getByText("Waiting for approval")).toBeVisible();
  await expect(page.getByText('"arn:aws:iam::*:user/Ann"')).toBeVisible();
  await expect(page.getByText("60 minutes")).toBeVisible();
  await accessible(page, "a delegation request");
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  await expect(page.getByText("Approved", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Give access" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Give access" }).click();
  await expect(page.getByText("Access given")).toBeVisible();
  expect(await state(first.DelegationRequestId!)).toBe("FINALIZED");
  expect(heard.length).toBeGreaterThan(0);

  const second = await request();
  await open(page, server, `/iam/delegation-requests/${second.DelegationRequestId}`);
  await page.getByRole("button", { name: "Take on this request" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take on" }).click();
  await page.getByRole("button", { name: "Reject" }).click();
  await page.getByRole("dialog").getByLabel(/Notes/).fill("Not now");
  await accessible(page, "reject a request");
  await page.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
  await expect(page.getByText("Rejected", { exact: true })).toBeVisible();
  expect(await state(second.DelegationRequestId!)).toBe("REJECTED");

  await open(page, server, "/delegation-requests");
  await expect(page.getByRole("row")).toHaveCount(3); // the header, and both
  await accessible(page, "delegation requests");
});
