// The whole of what a developer of the Selling Partner API is told to do, by
// clicking: and then the keys of the .csv file really assume the role, and the role's
// keys really get through.
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import type { Page } from "@playwright/test";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { clients, expect, picture, test as base, writePolicy } from "./fixtures";
import { start, type Server } from "./server";

const test = base.extend<{ guarded: Server }>({
  guarded: async ({}, use) => {
    const upstream = createServer((_, answer) => answer.setHeader("content-type", "application/json").end('{"payload":{"Orders":[]}}')).listen(0, "127.0.0.1");
    await new Promise((ready) => upstream.once("listening", ready));
    const { port } = upstream.address() as AddressInfo;
    const api = `{id: orders, account: "111122223333", upstream: "http://127.0.0.1:${port}"}`;
    const server = await start({ config: `gateway: {listen: "127.0.0.1:0", apis: [${api}]}\n` });
    await use(server);
    await server.stop();
    upstream.close();
  },
});

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const verify = {
  Version: "2012-10-17",
  Statement: [{
    Effect: "Allow",
    Action: ["iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails", "iam:Get*", "iam:List*", "iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy"],
    Resource: "*",
  }],
};
const invoke = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "arn:aws:execute-api:*:*:*" }] };

async function createPolicy(page: Page, name: string, description: string, document: object, shot: string): Promise<void> {
  await page.getByRole("link", { name: "Policies", exact: true }).click();
  await page.getByRole("link", { name: "Create policy" }).click();
  await button(page, "JSON").click();
  await writePolicy(page, JSON.stringify(document, null, 4));
  await expect(page.getByText("No findings")).toBeVisible();
  await picture(page, `${shot}-json`);
  await button(page, "Next").click();
  await page.getByLabel("Policy name").fill(name);
  await page.getByLabel("Description").fill(description);
  await button(page, "Add new tag").click();
  await page.getByLabel("Key of tag 1").fill("app");
  await page.getByLabel("Value of tag 1").fill("orders");
  await picture(page, `${shot}-review`);
  await button(page, "Create policy").click();
  await expect(page.getByText(`Policy ${name} created.`)).toBeVisible();
}

async function shell(page: Page, line: string, says: string | RegExp): Promise<void> {
  const command = page.getByRole("textbox", { name: "Command" });
  await command.fill(line);
  await command.press("Enter");
  await expect(command).toHaveAttribute("aria-busy", "false");
  await expect(page.getByRole("log", { name: "Terminal output" })).toContainText(says);
}

test("the Selling Partner API's workflow, by clicking", async ({ page, guarded: server }) => {
  test.setTimeout(180_000);
  await page.goto(server.url); // a browser that opens the server's address
  await page.getByRole("radio", { name: /Root user/ }).check();
  await page.getByLabel("Root user email address").fill(server.email);
  await page.getByLabel("Password", { exact: true }).fill(server.password);
  await picture(page, "01-sign-in");
  await button(page, "Sign in").click();
  await expect(page.getByRole("heading", { name: "IAM Dashboard" })).toBeVisible();
  await picture(page, "02-dashboard");

  // The user, and its keys.
  await page.getByRole("link", { name: "Users", exact: true }).click();
  await page.getByRole("link", { name: "Create user" }).first().click();
  await page.getByLabel("User name").fill("sp-api-developer");
  await picture(page, "03-create-user");
  await button(page, "Next").click();
  await button(page, "Next").click();
  await expect(page.getByRole("heading", { name: "Review and create", exact: true })).toBeVisible();
  await button(page, "Create user").click();
  await page.getByRole("link", { name: "sp-api-developer" }).first().click();
  await page.getByRole("tab", { name: "Security credentials" }).click();
  await page.getByRole("link", { name: "Create access key" }).last().click();
  await page.getByRole("radio", { name: /Other/ }).check();
  await picture(page, "04-access-key-use-case");
  await button(page, "Next").click();
  await page.getByLabel("Description tag value").fill("Selling Partner API");
  await button(page, "Create access key").click();
  await expect(page.getByText("Access key created")).toBeVisible();
  await picture(page, "05-access-key-retrieve");
  const [file] = await Promise.all([page.waitForEvent("download"), button(page, "Download .csv file").click()]);
  const lines = (await readFile(await file.path(), "utf8")).split("\r\n");
  expect(lines[0]).toBe("Access key ID,Secret access key");
  const [accessKeyId, secretAccessKey] = lines[1]!.split(",") as [string, string];
  await button(page, "Done").click();

  // The policy, in the JSON tab, and the role that carries it.
  await createPolicy(page, "SellingPartnerAPI", "Calls the Selling Partner API", invoke, "06-policy");
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await page.getByRole("link", { name: "Create role" }).first().click();
  await page.getByRole("radio", { name: "AWS account", exact: false }).check();
  await expect(page.getByRole("radio", { name: /This account/ })).toBeChecked();
  await picture(page, "07-role-trusted-entity");
  await button(page, "Next").click();
  await page.getByRole("searchbox", { name: "Search policies" }).fill("SellingPartnerAPI");
  await page.getByRole("checkbox", { name: "Select SellingPartnerAPI" }).check();
  await picture(page, "08-role-permissions");
  await button(page, "Next").click();
  await page.getByLabel("Role name").fill("SellingPartner");
  await button(page, "Create role").click();
  await expect(page.getByRole("heading", { name: "SellingPartner", level: 1 })).toBeVisible();
  const roleArn = `arn:aws:iam::${server.account}:role/SellingPartner`;
  await expect(page.getByText(roleArn)).toBeVisible();
  await picture(page, "09-role");

  // The inline policy that lets the user assume it, in the visual editor.
  await page.getByRole("link", { name: "Users", exact: true }).click();
  await page.getByRole("link", { name: "sp-api-developer" }).click();
  await page.getByRole("tab", { name: "Permissions" }).click();
  await button(page, "Add permissions").click();
  await page.getByRole("menuitem", { name: "Create inline policy" }).click();
  await page.getByRole("button", { name: /Choose a service/ }).click();
  await page.getByRole("combobox", { name: "Search services" }).fill("STS");
  await page.getByRole("option", { name: /^STS/ }).first().click();
  await page.getByRole("button", { name: /^Write/ }).click();
  await page.getByRole("checkbox", { name: "AssumeRole", exact: true }).check();
  await page.getByRole("radio", { name: "Specific" }).check();
  await page.getByRole("button", { name: "Add ARNs for role" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Resource role name with path").fill("SellingPartner");
  await picture(page, "10-inline-policy-arn");
  await dialog.getByRole("button", { name: "Add ARNs", exact: true }).click();
  await expect(page.getByText(roleArn)).toBeVisible();
  await expect(page.getByText("No findings")).toBeVisible();
  await picture(page, "11-inline-policy-visual");
  await button(page, "Next").click();
  await page.getByLabel("Policy name").fill("AssumeSellingPartner");
  await picture(page, "12-inline-policy-review");
  await button(page, "Create policy").click();
  await expect(page.getByRole("link", { name: "AssumeSellingPartner" })).toBeVisible();

  // The policy to verify it all by, attached to the user.
  await createPolicy(page, "Verify", "Reads IAM and simulates", verify, "13-verify");
  await page.getByRole("link", { name: "Users", exact: true }).click();
  await page.getByRole("link", { name: "sp-api-developer" }).click();
  await button(page, "Add permissions").click();
  await page.getByRole("menuitem", { name: "Add permissions" }).click();
  await page.getByRole("radio", { name: /Attach policies directly/ }).check();
  await page.getByRole("searchbox").fill("Verify");
  await page.getByRole("checkbox", { name: "Select Verify", exact: true }).check();
  await button(page, "Next").click();
  await button(page, "Add permissions").click();
  await expect(page.getByRole("link", { name: "Verify", exact: true })).toBeVisible();
  await picture(page, "14-user-permissions");

  // CloudShell, and the four commands.
  await page.getByRole("link", { name: "CloudShell" }).first().click();
  const resource = `arn:aws:execute-api:us-east-1:${server.account}:orders/prod/GET/orders/v0/orders`;
  const simulate = `--action-names execute-api:Invoke --resource-arns ${resource} --query "EvaluationResults[].[EvalActionName,EvalDecision]"`;
  await shell(page, "aws iam get-user-policy --user-name sp-api-developer --policy-name AssumeSellingPartner", `"Resource": "${roleArn}"`);
  await shell(page, "aws iam generate-credential-report", '"State": "');
  await shell(page, `aws iam simulate-custom-policy --policy-input-list '${JSON.stringify(invoke)}' ${simulate}`, '"allowed"');
  await shell(page, `aws iam simulate-principal-policy --policy-source-arn ${roleArn} ${simulate} --output table`, /\| +execute-api:Invoke +\| +allowed +\|/);
  await picture(page, "15-cloudshell");

  // The keys of the .csv file really assume the role, and the role's keys get through.
  const { sts } = clients(server, { accessKeyId, secretAccessKey });
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "orders" }));
  const { gatewayUrl } = (await (await fetch(server.url + "/console/api/about")).json()) as { gatewayUrl: string };
  const call = async (keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) => {
    const to = new URL("/orders/v0/orders", gatewayUrl);
    const signer = new SignatureV4({ credentials: keys, region: "us-east-1", service: "execute-api", sha256: Sha256 });
    const { headers } = await signer.sign({ method: "GET", protocol: "http:", hostname: to.hostname, port: Number(to.port), path: to.pathname, query: {}, headers: { host: to.host } });
    return fetch(to, { headers });
  };
  const role = { accessKeyId: Credentials!.AccessKeyId!, secretAccessKey: Credentials!.SecretAccessKey!, sessionToken: Credentials!.SessionToken! };
  const answer = await call(role);
  expect(answer.status, await answer.clone().text()).toBe(200);
  expect(await answer.json()).toEqual({ payload: { Orders: [] } });
  expect((await call({ accessKeyId, secretAccessKey })).status).toBe(403); // the user itself may not

  await page.getByRole("link", { name: "Applications" }).click();
  await page.getByRole("link", { name: "orders" }).click();
  await button(page, "Show who may invoke").click();
  await expect(page.getByRole("row").filter({ has: page.getByRole("link", { name: "SellingPartner", exact: true }) })).toContainText("May invoke");
  await picture(page, "16-applications");
});
