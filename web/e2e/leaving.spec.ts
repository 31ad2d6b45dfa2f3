// Where one is on a page is in its address; what one wrote is not lost by mistake.
import { CreateGroupCommand, CreateRoleCommand, CreateUserCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { accessible, expect, open, signIn, test } from "./fixtures";

test.beforeEach(async ({ page, server }) => signIn(page, server));

const trust = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }] });
const chosen = (page: Page, name: string) => expect(page.getByRole("tab", { name, exact: true })).toHaveAttribute("aria-selected", "true");
const question = (page: Page) => page.getByRole("dialog", { name: "Leave page?" });

test("tabs are in the address", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "a b+c".replace(" ", "=") }));
  await aws.iam.send(new CreateGroupCommand({ GroupName: "Tabbed" }));
  await aws.iam.send(new CreateRoleCommand({ RoleName: "Tabbed", AssumeRolePolicyDocument: trust }));
  await open(page, server, "/users");
  await page.getByRole("link", { name: "a=b+c", exact: true }).click();
  await chosen(page, "Permissions");
  await page.getByRole("tab", { name: "Tags" }).click();
  await expect(page).toHaveURL(/\/users\/a%3Db%2Bc\/tags$/);
  await page.reload();
  await chosen(page, "Tags");
  await page.evaluate(() => (location.hash = location.hash.replace("tags", "groups")));
  await chosen(page, "Groups");
  await page.getByRole("tab", { name: "Security credentials" }).click();
  await page.goBack();
  await chosen(page, "Tags"); // the tab that was chosen took the place of "groups"
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Users", level: 1 })).toBeVisible();
  await open(page, server, "/users/a%3Db%2Bc/no-such-tab");
  await chosen(page, "Permissions");
  for (const [path, tab] of [["/groups/Tabbed/permissions", "Permissions"], ["/roles/Tabbed/trust-relationships", "Trust relationships"], ["/roles/Tabbed", "Permissions"]] as const) {
    await open(page, server, path);
    await chosen(page, tab);
  }
  await page.getByRole("tab", { name: "Revoke sessions" }).click();
  await expect(page).toHaveURL(/\/roles\/Tabbed\/revoke-sessions$/);
});

test("a tab does not scroll the page away", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "Scrolled" }));
  await page.setViewportSize({ width: 1000, height: 420 });
  await open(page, server, "/users/Scrolled");
  await page.getByRole("tab", { name: "Tags" }).evaluate((e) => e.scrollIntoView({ block: "start" }));
  const before = await page.evaluate(() => scrollY);
  expect(before).toBeGreaterThan(0);
  await page.getByRole("tab", { name: "Security credentials" }).click();
  await expect(page).toHaveURL(/security-credentials$/);
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(0);
});

test("a filled form is left only when one says so", async ({ page, server, aws }) => {
  await open(page, server, "/users");
  await page.getByRole("link", { name: "Create user" }).first().click();
  await page.getByLabel("User name").fill("Half");
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await expect(question(page)).toContainText("your changes will be lost");
  await accessible(page, "the question whether to leave");
  await question(page).getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByLabel("User name")).toHaveValue("Half");
  await page.goBack();
  await expect(question(page)).toBeVisible();
  await expect(page).toHaveURL(/users\/create$/);
  await page.keyboard.press("Escape");
  await expect(page.getByLabel("User name")).toHaveValue("Half");
  const asked = new Promise((done) => page.once("dialog", (d) => (done(d.type()), void d.dismiss())));
  await page.evaluate(() => setTimeout(() => location.reload()));
  expect(await asked).toBe("beforeunload");
  await expect(page.getByLabel("User name")).toHaveValue("Half");
  await page.goBack();
  await question(page).getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Users", level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/#\/users$/);

  // By a link; then with nothing filled in, and by Cancel, without a question.
  await open(page, server, "/groups/create");
  await page.getByLabel("User group name").fill("Half");
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await question(page).getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Roles", level: 1 })).toBeVisible();
  await open(page, server, "/groups/create");
  await expect(page.getByLabel("User group name")).toBeVisible();
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Roles", level: 1 })).toBeVisible();
  await open(page, server, "/groups/create");
  await page.getByLabel("User group name").fill("Half");
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("heading", { name: "User groups", level: 1 })).toBeVisible();
  expect(await page.getByRole("dialog").count()).toBe(0);

  // Policies and roles; a policy that is only looked at is left freely.
  await aws.iam.send(new CreateUserCommand({ UserName: "Whole" }));
  await open(page, server, "/users/Whole/inline-policies/create");
  await page.getByRole("button", { name: "JSON", exact: true }).click();
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Roles", level: 1 })).toBeVisible();
  await open(page, server, "/policies/create");
  await page.getByRole("button", { name: "JSON", exact: true }).click();
  await page.locator(".ace_text-input").focus();
  await page.keyboard.insertText(" ");
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await question(page).getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Roles", level: 1 })).toBeVisible();
  await page.getByRole("link", { name: "Create role" }).first().click();
  await page.getByRole("radio", { name: /AWS account/ }).first().check();
  await page.getByRole("link", { name: "Users", exact: true }).click();
  await question(page).getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Users", level: 1 })).toBeVisible();
});

test("the one sight of a secret key is not left by mistake", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "Keeper" }));
  await open(page, server, "/users/Keeper/access-keys/create");
  await page.getByRole("radio", { name: /Other/ }).check();
  await page.getByRole("button", { name: "Next", exact: true }).click();
  await page.getByRole("button", { name: "Create access key", exact: true }).click();
  await expect(page.getByText("Access key created")).toBeVisible();
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  const asked = page.getByRole("dialog", { name: /without downloading/ });
  await asked.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Access key created")).toBeVisible();
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await asked.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "Roles", level: 1 })).toBeVisible();
});
