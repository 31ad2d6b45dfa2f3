import { CreateGroupCommand, CreateUserCommand, GetGroupCommand, ListAttachedGroupPoliciesCommand, PutGroupPolicyCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { accessible, expect, open, signIn, test } from "./fixtures";

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });

test("a group is made with users and policies, changed, and deleted", async ({ page, server, aws }) => {
  for (const UserName of ["Ann", "Ben"]) await aws.iam.send(new CreateUserCommand({ UserName }));
  await signIn(page, server);
  await open(page, server, "/groups");
  await expect(page.getByText("No groups", { exact: true })).toBeVisible();
  await accessible(page, "the empty list of groups");
  await page.getByRole("link", { name: "Create group" }).first().click();
  await press(page, "Create user group");
  await expect(page.getByText("Enter a group name.")).toBeVisible();
  await page.getByLabel("User group name").fill("Sales");
  await page.getByRole("checkbox", { name: "Select Ann" }).check();
  await page.getByRole("searchbox", { name: "Search policies" }).fill("IAMReadOnlyAccess");
  await page.getByRole("checkbox", { name: /IAMReadOnlyAccess/ }).check();
  await accessible(page, "Create user group");
  await press(page, "Create user group");
  await expect(page.getByText("Sales user group created.")).toBeVisible();
  const members = async () => (await aws.iam.send(new GetGroupCommand({ GroupName: "Sales" }))).Users!.map((u) => u.UserName);
  expect(await members()).toEqual(["Ann"]);
  expect((await aws.iam.send(new ListAttachedGroupPoliciesCommand({ GroupName: "Sales" }))).AttachedPolicies?.map((p) => p.PolicyName)).toEqual(["IAMReadOnlyAccess"]);
  await expect(page.getByRole("row", { name: /Sales 1 Defined/ })).toBeVisible();
  await accessible(page, "the list of groups");

  await page.getByRole("link", { name: "Sales", exact: true }).click();
  await press(page, "Add users");
  const adding = dialog(page, "Add users to Sales");
  await expect(adding.getByRole("checkbox", { name: "Select Ann" })).toHaveCount(0);
  await adding.getByRole("checkbox", { name: "Select Ben" }).check();
  await accessible(page, "the dialog that adds users");
  await adding.getByRole("button", { name: "Add users" }).click();
  await expect(page.getByText("1 user added to this group.")).toBeVisible();
  expect(await members()).toEqual(["Ann", "Ben"]);
  await page.getByRole("checkbox", { name: "Select Ann" }).check();
  await press(page, "Remove");
  await dialog(page, /Remove Ann/).getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByText("1 user removed from this group.")).toBeVisible();
  expect(await members()).toEqual(["Ben"]);
  await page.getByRole("tab", { name: "Permissions" }).click();
  await expect(page.getByText("IAMReadOnlyAccess")).toBeVisible();
  await accessible(page, "a group's page");

  await press(page, "Edit");
  await dialog(page, "Edit Sales").getByLabel("User group name").fill("Selling");
  await press(page, "Save changes");
  await expect(page.getByRole("heading", { name: "Selling", exact: true })).toBeVisible();

  await press(page, "Delete");
  const asked = dialog(page, "Delete Selling?");
  await asked.getByRole("textbox").fill("Selling");
  await asked.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("User group Selling deleted.")).toBeVisible();
  expect(await aws.iam.send(new GetGroupCommand({ GroupName: "Selling" })).catch((e: Error) => e.name)).toMatch(/NoSuchEntity/);
});

test("several groups are deleted at once, and a missing one is said to be", async ({ page, server, aws }) => {
  const document = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] });
  for (const GroupName of ["One", "Two", "Three"]) await aws.iam.send(new CreateGroupCommand({ GroupName }));
  await aws.iam.send(new PutGroupPolicyCommand({ GroupName: "One", PolicyName: "own", PolicyDocument: document }));
  await page.setViewportSize({ width: 390, height: 800 });
  await signIn(page, server);
  await open(page, server, "/groups");
  await page.getByRole("checkbox", { name: "Select One" }).check();
  await page.getByRole("checkbox", { name: "Select Two" }).check();
  await press(page, "Delete");
  const asked = dialog(page, "Delete 2 groups?");
  await asked.getByRole("textbox").fill("confirm");
  await asked.getByRole("textbox").press("Enter");
  await expect(page.getByText("2 user groups deleted.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Three" })).toBeVisible();
  await expect(page.getByRole("link", { name: "One" })).toHaveCount(0);
  expect(await page.evaluate(() => window.document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await open(page, server, "/groups/One");
  await expect(page.getByText("There is no user group named One")).toBeVisible();
});
