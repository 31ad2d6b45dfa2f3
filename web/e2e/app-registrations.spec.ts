import { CreateRoleCommand, CreateUserCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { accessible, expect, open, signIn, test } from "./fixtures";
import { actAs } from "./limited";
import { registered, tokens } from "./registrations";
import { wholeWords } from "./words";

const trust = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: "111122223333" }, Action: "sts:AssumeRole" }] });
const role = "arn:aws:iam::111122223333:role/SellingPartner";
const user = "arn:aws:iam::111122223333:user/Seller";
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const dialog = (page: Page, name: string) => page.getByRole("dialog", { name, exact: true });
const row = (page: Page, text: string) => page.getByRole("row").filter({ hasText: text });
const fits = async (page: Page) => expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);

/** What stands behind the stars of a secret. */
async function secret(page: Page, label: string): Promise<string> {
  await page.getByRole("button", { name: `Show ${label}` }).click();
  const hide = page.getByRole("button", { name: `Hide ${label}` });
  const text = await page.locator("dd").filter({ has: hide }).innerText();
  await hide.click();
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "" && line !== "Hide").join();
}

test.beforeEach(async ({ page, server, aws }, about) => {
  if (!about.title.includes("without rights")) await signIn(page, server);
  await aws.iam.send(new CreateRoleCommand({ RoleName: "SellingPartner", AssumeRolePolicyDocument: trust })).catch((e: Error) => expect(e.name).toBe("EntityAlreadyExistsException"));
  await aws.iam.send(new CreateUserCommand({ UserName: "Seller" })).catch((e: Error) => expect(e.name).toBe("EntityAlreadyExistsException"));
});

test("an application from its registration to its end", async ({ page, server }) => {
  test.setTimeout(120_000);
  await open(page, server, "/app-registrations");
  await expect(page.getByText("No registered applications")).toBeVisible();
  await accessible(page, "no registered applications");
  await page.getByRole("link", { name: "Register application" }).first().click();
  await page.getByRole("textbox", { name: /^Selling partner ID/ }).fill("seller");
  await press(page, "Register application");
  await expect(page.getByText("Enter a name.")).toBeVisible();
  await expect(page.getByText("Choose a role or user, or enter an ARN.", { exact: true })).toBeVisible();
  await expect(page.getByText("Enter 10 to 20 capital letters and digits")).toBeVisible();
  await accessible(page, "register an application, with faults");
  await page.getByLabel("Name", { exact: true }).fill("Orders & <b>more</b>");
  await page.getByRole("combobox", { name: "IAM role or user" }).click();
  const options = page.getByRole("option");
  await expect(options.first()).toContainText("SellingPartner"); // roles come first
  await expect(options.filter({ hasText: "Seller" }).last()).toBeVisible();
  await options.filter({ hasText: "SellingPartner" }).click();
  await expect(page.getByRole("combobox", { name: "IAM role or user" })).toHaveValue(role);
  await page.getByRole("textbox", { name: /^Selling partner ID/ }).fill("A2EXAMPLE12345");
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await dialog(page, "Leave page?").getByRole("button", { name: "Cancel" }).click();
  await press(page, "Register application");

  await expect(page.getByText("Application Orders & <b>more</b> registered")).toBeVisible();
  await accessible(page, "the credentials of an application");
  const clientSecret = await secret(page, "client secret");
  expect(clientSecret).toMatch(/^amzn1\.oa2-cs\.v1\.[0-9a-f]{64}$/);
  expect(await page.locator("main").innerText()).not.toContain(clientSecret); // hidden again
  await press(page, "Done");
  await expect(dialog(page, "Continue without downloading the credentials?")).toBeVisible();
  await accessible(page, "the question whether to leave without the credentials");
  await press(page, "Cancel");
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await dialog(page, "Continue without downloading the credentials?").getByRole("button", { name: "Cancel" }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), press(page, "Download .csv file")]);
  expect(file.suggestedFilename()).toBe("Orders_b_more_b__credentials.csv");
  const [head, line] = (await readFile(await file.path(), "utf8")).split("\r\n");
  expect(head).toBe("Client ID,Client secret,Refresh token,Selling partner ID,Application ID,IAM ARN");
  const [client_id, client_secret, refresh_token, partner] = line!.split(",") as [string, string, string, string];
  expect([client_secret, partner]).toEqual([clientSecret, "A2EXAMPLE12345"]);
  const client = { client_id, client_secret };
  const refresh = (token: string, more = {}) => tokens(server, { ...client, grant_type: "refresh_token", refresh_token: token, ...more });
  expect(await refresh(refresh_token)).toMatchObject({ status: 200, token_type: "bearer", refresh_token, access_token: expect.stringMatching(/^Atza\|/) });

  await press(page, "Done");
  await expect(page.getByRole("heading", { name: "Orders & <b>more</b>", level: 1 })).toBeVisible();
  const main = page.locator("main");
  await expect(main).toContainText(client_id);
  for (const gone of [client_secret, refresh_token]) expect(await page.content()).not.toContain(gone);
  await expect(main).toContainText(`curl ${server.url}/auth/o2/token`);
  await expect(main).toContainText(`iamd app show ${client_id}`);
  await accessible(page, "a registered application");

  // A code, once.
  await press(page, "Authorize");
  await dialog(page, "Authorize application").getByRole("textbox").fill("B2EXAMPLE12345");
  await page.getByRole("radio", { name: /Authorization code/ }).check();
  await accessible(page, "authorize an application");
  await dialog(page, "Authorize application").getByRole("button", { name: "Authorize" }).click();
  await expect(dialog(page, "Application authorized")).toContainText("once, within five minutes");
  const code = await secret(page, "authorization code");
  await accessible(page, "an authorization code");
  await dialog(page, "Application authorized").getByRole("button", { name: "Close" }).last().click();
  const exchanged = await tokens(server, { ...client, grant_type: "authorization_code", code });
  expect(exchanged).toMatchObject({ status: 200, refresh_token: expect.stringMatching(/^Atzr\|/) });
  expect(await tokens(server, { ...client, grant_type: "authorization_code", code })).toMatchObject({ status: 400, error: "invalid_grant" });

  // A partner that is made up, and a refresh token.
  await press(page, "Authorize");
  await dialog(page, "Authorize application").getByRole("button", { name: "Authorize" }).click();
  const third = await secret(page, "refresh token");
  expect(await refresh(third)).toMatchObject({ status: 200 });
  await page.keyboard.press("Escape");
  await expect(page.getByText("Authorizations (3)")).toBeVisible();

  // Revoked: what came of it is refused, the others are not.
  await expect(page.getByRole("button", { name: "Revoke" })).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("radio", { name: "Select B2EXAMPLE12345" }).check();
  await press(page, "Revoke");
  await accessible(page, "revoke an authorization");
  await dialog(page, "Revoke authorization?").getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("Authorization by B2EXAMPLE12345 revoked.")).toBeVisible();
  await expect(row(page, "B2EXAMPLE12345")).toHaveCount(0);
  expect(await refresh(exchanged.refresh_token as string)).toMatchObject({ status: 400, error: "invalid_grant", error_description: expect.stringContaining("User may have revoked") });
  expect(await refresh(refresh_token)).toMatchObject({ status: 200 });

  // Rotated: the old secret works on beside the new one.
  await press(page, "Rotate secret");
  await dialog(page, "Rotate client secret?").getByRole("button", { name: "Rotate" }).click();
  await expect(dialog(page, "Client secret rotated")).toContainText("The old secret ends");
  const rotated = await secret(page, "new client secret");
  await accessible(page, "a new client secret");
  await dialog(page, "Client secret rotated").getByRole("button", { name: "Close" }).last().click();
  expect(rotated).not.toBe(client_secret);
  for (const each of [client_secret, rotated]) expect(await refresh(refresh_token, { client_secret: each })).toMatchObject({ status: 200 });
  expect(await refresh(refresh_token, { client_secret: "another" })).toMatchObject({ status: 401, error: "invalid_client" });

  await press(page, "Delete");
  const asked = dialog(page, "Delete application?");
  await expect(asked.getByRole("button", { name: "Delete" })).toBeDisabled();
  await asked.getByRole("textbox").fill("confirm");
  await accessible(page, "delete an application");
  await asked.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("Application Orders & <b>more</b> deleted.")).toBeVisible();
  await expect(page.getByText("No registered applications")).toBeVisible();
  expect(await refresh(refresh_token)).toMatchObject({ status: 401, error: "invalid_client" });
  await open(page, server, "/app-registrations/" + client_id);
  await expect(page.getByText(`There is no application named ${client_id}`)).toBeVisible();
});

test("the list: links, filter, who signs; and a signer that is not there", async ({ page, server }) => {
  const first = await registered(server, "First", role, "A2EXAMPLE12345");
  await registered(server, "Second", user);
  await open(page, server, "/app-registrations");
  await expect(row(page, "First")).toContainText(first.client_id);
  await expect(row(page, "First")).toContainText("A2EXAMPLE12345");
  await accessible(page, "registered applications");
  await page.getByRole("searchbox").fill("a2example");
  await expect(row(page, "Second")).toHaveCount(0);
  await page.getByRole("link", { name: role }).click();
  await expect(page.getByRole("heading", { name: "SellingPartner", level: 1 })).toBeVisible();
  await page.goBack();
  await page.getByRole("link", { name: user }).click();
  await expect(page.getByRole("heading", { name: "Seller", level: 1 })).toBeVisible();

  await open(page, server, "/app-registrations/register");
  await page.getByLabel("Name", { exact: true }).fill("Third");
  await page.getByRole("combobox", { name: "IAM role or user" }).fill(role + "s");
  await page.keyboard.press("Escape");
  await press(page, "Register application");
  await expect(page.getByText("The application was not registered")).toBeVisible();
  await expect(page.getByText("The IAM ARN must be the ARN of an IAM user or role that account 111122223333 has")).toBeVisible();
  await page.getByRole("combobox", { name: "IAM role or user" }).fill("arn:aws:iam::444455556666:role/SellingPartner");
  await page.keyboard.press("Escape");
  await expect(page.getByText("The role or user must be of this account, 111122223333.")).toBeVisible();
});

test("all fits in 390 pixels, light and dark", async ({ page, server }) => {
  const app = await registered(server, "Narrow", role, "C2EXAMPLE12345");
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ["/app-registrations", "/app-registrations/register", "/app-registrations/" + app.client_id]) {
    await open(page, server, path);
    await expect(page.locator("main").getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("[class*=awsui_spinner]")).toHaveCount(0);
    await fits(page);
    await accessible(page, path + ", narrow");
  }
  await wholeWords(page);
  await open(page, server, "/app-registrations/register");
  await page.getByLabel("Name", { exact: true }).fill("By keyboard");
  await page.keyboard.press("Tab");
  await page.keyboard.insertText(user);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Application By keyboard registered")).toBeVisible();
  await page.getByRole("button", { name: "Show refresh token" }).click();
  await fits(page);
});

test("without rights, buttons say so and AWS's sentence is shown", async ({ page, server, aws }) => {
  const { client_id } = await registered(server, "Kept", user);
  await actAs(page, server, aws, "Reader", ["iam:List*", "sellingpartnerapi:ListApplications", "sellingpartnerapi:GetApplication"]);
  await open(page, server, "/app-registrations/" + client_id);
  for (const name of ["Delete", "Rotate secret", "Authorize"]) await expect(page.getByRole("button", { name, exact: true })).toHaveAttribute("aria-disabled", "true");
  await open(page, server, "/app-registrations/register");
  await expect(page.getByText("You need permission for sellingpartnerapi:RegisterApplication").first()).toBeVisible();

  await actAs(page, server, aws, "Nobody", ["iam:ListUsers"]);
  await open(page, server, "/app-registrations");
  await page.reload();
  await expect(page.getByText(`User: arn:aws:iam::${server.account}:user/Nobody is not authorized to perform: sellingpartnerapi:ListApplications`)).toBeVisible();
  await expect(page.getByRole("link", { name: "Why was this denied?" })).toBeVisible();
  await open(page, server, "/app-registrations/" + client_id);
  await expect(page.getByText("is not authorized to perform: sellingpartnerapi:GetApplication")).toBeVisible();
  await accessible(page, "an application that one may not see");
});
