import { CreateRoleCommand, CreateUserCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { accessible, clients, expect, open, signIn, test as base } from "./fixtures";
import { start, type Server } from "./server";

const config = `
gateway:
  listen: 127.0.0.1:0
  apis:
    - id: orders
      account: "111122223333"
      region: eu-west-1
      upstream: http://127.0.0.1:9
    - id: reports
      account: "111122223333"
      stage: beta
      path_prefix: /reports
      upstream: http://127.0.0.1:9
      resource_policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}'
    - id: shared
      account: "111122223333"
      path_prefix: /shared
      upstream: http://127.0.0.1:9
      resource_policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:user/Bob","arn:aws:iam::444455556666:root"]},"Action":"execute-api:Invoke","Resource":"*"}]}'
    - id: selling
      account: "111122223333"
      path_prefix: /selling
      upstream: http://127.0.0.1:9
      authorization: AWS_IAM+LWA
    - id: foreign
      account: "444455556666"
      upstream: http://127.0.0.1:9
      path_prefix: /foreign
`;

const test = base.extend<object, { guarded: Server }>({
  guarded: [
    async ({}, use) => {
      const server = await start({ config });
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
});

const document = (effect: string) => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: effect, Action: "execute-api:Invoke", Resource: "*" }] });

test("who may invoke an API", async ({ page, guarded }) => {
  const { iam } = clients(guarded);
  await iam.send(new CreateUserCommand({ UserName: "Bob" }));
  const trust = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: guarded.account }, Action: "sts:AssumeRole" }] });
  for (const [RoleName, effect] of [["Caller", "Allow"], ["Barred", "Deny"]] as const) {
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "P", PolicyDocument: document(effect) }));
  }
  await signIn(page, guarded);
  await open(page, guarded, "/applications");
  await expect(page.getByRole("link", { name: "orders" })).toBeVisible();
  await expect(page.getByText("foreign")).toBeHidden();
  await accessible(page, "applications");
  await page.getByRole("link", { name: "orders" }).click();
  await expect(page.getByText("arn:aws:execute-api:eu-west-1:111122223333:orders/prod/*/*")).toBeVisible();
  await page.getByRole("textbox", { name: "Path" }).fill("/orders/v0/orders");
  await page.getByRole("button", { name: "Show who may invoke" }).click();
  const row = (name: string) => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
  await expect(row("Caller")).toContainText("May invoke");
  await expect(row("Barred")).toContainText("Denied by a policy");
  await expect(row("Bob")).toContainText("Not allowed");
  await accessible(page, "who may invoke");

  await open(page, guarded, "/applications");
  await page.getByRole("link", { name: "reports" }).click();
  await expect(page.getByRole("heading", { name: "Resource policy" })).toBeVisible();
  await page.getByRole("button", { name: "Show who may invoke" }).click();
  await expect(row("Bob")).toContainText("Denied by a policy");
});

test("whom a resource policy admits from elsewhere is said, and what is not there", async ({ page, guarded }) => {
  await signIn(page, guarded);
  await open(page, guarded, "/applications");
  await page.getByRole("link", { name: "shared" }).click();
  await expect(page.locator(".policy-line").nth(1)).toHaveText('    "Version": "2012-10-17",');
  await expect(page.getByText("Principals of other accounts are not listed below")).toBeVisible();
  await expect(page.locator("main").getByRole("listitem").filter({ hasText: /^arn:aws:iam::444455556666:root$/ })).toBeVisible();
  await expect(page.locator("main").getByRole("listitem").filter({ hasText: /^arn:aws:iam::111122223333:user/ })).toHaveCount(0);
  await accessible(page, "an API with a resource policy");
  await open(page, guarded, "/applications/" + encodeURIComponent("nothing/prod"));
  await expect(page.getByText("There is no application named nothing/prod")).toBeVisible();
  await page.getByRole("link", { name: "Go to Applications" }).click();
  await expect(page.getByRole("link", { name: "orders" })).toBeVisible();
});

test("an API for registered applications leads to them, others do not", async ({ page, guarded }) => {
  await signIn(page, guarded);
  await open(page, guarded, "/applications/" + encodeURIComponent("orders/prod"));
  const main = page.locator("main dd"); // without the navigation
  await expect(main.getByText("AWS_IAM", { exact: true })).toBeVisible();
  await expect(main.getByRole("link", { name: "App registrations" })).toHaveCount(0);
  await open(page, guarded, "/applications");
  await page.getByRole("link", { name: "selling" }).click();
  await expect(main.getByText("AWS_IAM+LWA")).toBeVisible();
  await accessible(page, "an API for registered applications");
  await main.getByRole("link", { name: "App registrations" }).click();
  await expect(page.getByRole("heading", { name: "App registrations", level: 1 })).toBeVisible();
});

test("an account without an API is told where they are listed", async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, "/applications");
  await expect(page.getByText("No API of this account is behind the gateway.")).toBeVisible();
  await accessible(page, "no applications");
});
