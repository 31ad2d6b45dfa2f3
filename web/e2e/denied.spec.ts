import { CreateRoleCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { accessible, clients, expect, open, picture, signIn, test } from "./fixtures";
import { actAs } from "./limited";
import { fitsWidth, person, refusalOf } from "./people";

test.beforeEach(async ({ page, server }) => signIn(page, server));

test("why was this denied: by request id, and the same question in the simulator", async ({ page, server, aws }) => {
  const { arn, aws: own } = await person(aws, server, "Denied", { Some: '{"Version":"2012-10-17","Statement":[{"Sid":"Mine","Effect":"Allow","Action":"iam:GetUser","Resource":"*"},{"Sid":"None","Effect":"Deny","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:username":"Denied"}}}]}' });
  const refused = await refusalOf(own.iam.send(new ListUsersCommand({})));
  await open(page, server, "/denied");
  await page.getByRole("button", { name: "Show why" }).click();
  await expect(page.getByText("Enter the request ID of a denied call")).toBeVisible();
  await page.getByRole("textbox", { name: "Request ID or encoded message" }).fill(`AccessDenied … (request ${refused.$metadata.requestId})`);
  await page.getByRole("button", { name: "Show why" }).click();
  await expect(page.getByRole("heading", { name: "Denied: iam:ListUsers" })).toBeVisible();
  await expect(page.getByText("Statement 2 of the", { exact: false }).first()).toBeVisible();
  await expect(page.getByText(arn, { exact: true }).first()).toBeVisible();
  await expect(page.getByText("Does not apply: Action", { exact: false })).toBeVisible();
  await expect(page.getByText("this statement settled it")).toBeVisible();
  await expect(page.getByRole("row", { name: /aws:username/ })).toContainText("Denied");
  await picture(page, "denied-request");
  await accessible(page, "Denied requests, a trace");
  await page.getByRole("link", { name: "Open in policy simulator" }).click();
  const row = page.getByRole("row", { name: /iam:ListUsers on/ });
  await expect(row).toContainText("Denied explicitly (1 matching statement)");
  await row.getByRole("button").click();
  await expect(page.getByRole("dialog").getByText("Some, statement 2")).toBeVisible();
});

test("why was this denied: by an encoded message, and an id of nothing", async ({ page, server, aws }) => {
  const { aws: own } = await person(aws, server, "Encoded");
  const refused = await refusalOf(own.iam.send(new ListUsersCommand({})));
  const message = refused.$response.headers["x-iamd-encoded-authorization-message"]!;
  await open(page, server, "/denied");
  await page.getByRole("textbox", { name: "Request ID or encoded message" }).fill("Encoded authorization failure message: " + message);
  await page.getByRole("button", { name: "Show why" }).click();
  await expect(page.getByRole("heading", { name: "Denied: iam:ListUsers" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Encoded" })).toBeVisible();
  await accessible(page, "Denied requests, a message");
  await page.getByRole("textbox", { name: "Request ID or encoded message" }).fill(message.slice(0, -5) + "AAAAA");
  await page.getByRole("button", { name: "Show why" }).click();
  await expect(page.getByText("The message could not be decoded")).toBeVisible();
  await open(page, server, "/denied/00000000-0000-4000-8000-000000000000");
  await expect(page.getByText("No such denial")).toBeVisible();
  await accessible(page, "Denied requests, an id of nothing");
});

test("a denial of a role's session is asked of the role", async ({ page, server, aws }) => {
  const { arn, aws: own } = await person(aws, server, "Assuming", { Assume: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}' });
  const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"${arn}"},"Action":"sts:AssumeRole"}]}`;
  const { Role } = await aws.iam.send(new CreateRoleCommand({ RoleName: "Assumed", Path: "/team/", AssumeRolePolicyDocument: trust }));
  const { Credentials: c } = await own.sts.send(new AssumeRoleCommand({ RoleArn: Role!.Arn!, RoleSessionName: "work" }));
  const session = clients(server, { accessKeyId: c!.AccessKeyId!, secretAccessKey: c!.SecretAccessKey!, sessionToken: c!.SessionToken! });
  const refused = await refusalOf(session.iam.send(new ListUsersCommand({})));
  await open(page, server, "/denied/" + refused.$metadata.requestId);
  await expect(page.getByText("There is no identity-based policy", { exact: false })).toBeVisible();
  await page.getByRole("link", { name: "Open in policy simulator" }).click();
  await expect(page.getByRole("button", { name: /^Name/ })).toContainText("Assumed");
  await expect(page.getByRole("row", { name: /iam:ListUsers on/ })).toContainText("Denied implicitly (no matching statements)");
});

test("who may not ask why is told which permission to ask for", async ({ page, server, aws }) => {
  await actAs(page, server, aws, "Unknowing", ["iam:List*"]);
  await open(page, server, "/denied/00000000-0000-4000-8000-000000000000");
  await expect(page.getByText("You need permission for sts:DecodeAuthorizationMessage")).toBeVisible();
  await expect(page.getByText("ask an administrator for the permission", { exact: false })).toBeVisible();
  await expect(page.getByRole("link", { name: "Why was this denied?" })).toHaveCount(0);
  await accessible(page, "Denied requests, without the permission");
});

test("by the keyboard alone: a denial is read", async ({ page, server, aws }) => {
  const { aws: own } = await person(aws, server, "Keyboard");
  const refused = await refusalOf(own.iam.send(new ListUsersCommand({})));
  await open(page, server, "/denied");
  const field = page.getByRole("textbox", { name: "Request ID or encoded message" });
  await expect(field).toBeVisible();
  for (let i = 0; i < 60 && !(await field.evaluate((e) => e === document.activeElement)); i++) await page.keyboard.press("Tab");
  await page.keyboard.insertText(refused.$metadata.requestId);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Denied: iam:ListUsers" })).toBeVisible();
  const button = page.getByRole("link", { name: "Open in policy simulator" });
  for (let i = 0; i < 60 && !(await button.evaluate((e) => e === document.activeElement)); i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "IAM Policy Simulator" })).toBeVisible();
});

test("on a narrow screen nothing is cut off", async ({ page, server, aws }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const { aws: own } = await person(aws, server, "NarrowDenial");
  const refused = await refusalOf(own.iam.send(new ListUsersCommand({})));
  await open(page, server, "/denied/" + refused.$metadata.requestId);
  await expect(page.getByRole("heading", { name: "Denied: iam:ListUsers" })).toBeVisible();
  expect(await fitsWidth(page)).toBe(true);
});
