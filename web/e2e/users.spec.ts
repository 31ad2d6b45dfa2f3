import {
  AddUserToGroupCommand, AttachUserPolicyCommand, CreateAccessKeyCommand, CreateGroupCommand, CreateLoginProfileCommand, CreateUserCommand,
  GetUserCommand, ListGroupsForUserCommand, ListUsersCommand, PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { accessible, expect, open, signIn, test } from "./fixtures";
import { wholeWords } from "./words";

const document = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:GetCallerIdentity", Resource: "*" }] });
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });

test("the list is filtered, and users are deleted with all that hangs on them", async ({ page, server, aws }) => {
  const UserName = "Gone";
  await aws.iam.send(new CreateGroupCommand({ GroupName: "Leavers" }));
  for (const name of [UserName, "Gone-too", "Stays"]) await aws.iam.send(new CreateUserCommand({ UserName: name }));
  await aws.iam.send(new AddUserToGroupCommand({ UserName, GroupName: "Leavers" }));
  await aws.iam.send(new CreateAccessKeyCommand({ UserName }));
  await aws.iam.send(new CreateLoginProfileCommand({ UserName, Password: "Correct-Horse-8" }));
  await aws.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "own", PolicyDocument: document }));
  await aws.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }));
  await signIn(page, server);
  await open(page, server, "/users");
  await page.getByRole("searchbox", { name: "Search users" }).fill("gone");
  await expect(page.getByText("2 matches").first()).toBeVisible();
  await expect(page.getByRole("row", { name: /Gone-too/ })).toBeVisible();
  await expect(page.getByRole("cell", { name: /Active - AKIA/ })).toBeVisible();
  await accessible(page, "the list of users");
  await expect(page.getByRole("columnheader", { name: "ARN" })).toHaveCount(0);
  await press(page, "Preferences");
  await page.getByRole("checkbox", { name: "ARN" }).check();
  await accessible(page, "the preferences of the list of users");
  await press(page, "Confirm");
  await expect(page.getByRole("cell", { name: `arn:aws:iam::${server.account}:user/Gone`, exact: true })).toBeVisible();
  await page.getByRole("checkbox", { name: "Select Gone", exact: true }).check();
  await page.getByRole("checkbox", { name: "Select Gone-too", exact: true }).check();
  await press(page, "Delete");
  const asked = dialog(page, "Delete 2 users?");
  await accessible(page, "the dialog that deletes users");
  await asked.getByRole("textbox").fill("confirm");
  await asked.getByRole("button", { name: "Delete users" }).click();
  await expect(page.getByText("2 users deleted.")).toBeVisible();
  const names = (await aws.iam.send(new ListUsersCommand({}))).Users!.map((u) => u.UserName);
  expect(names).toContain("Stays");
  expect(names).not.toContain("Gone");
  expect(names).not.toContain("Gone-too");
});

test("what fits the filter best is first, and the list is sorted by what is asked for user by user", async ({ page, server, aws }) => {
  for (const name of ["sort-c", "a-sort-a", "sort-a-b", "Sort-A"]) await aws.iam.send(new CreateUserCommand({ UserName: name }));
  for (const GroupName of ["Sorters", "Sorted"]) await aws.iam.send(new CreateGroupCommand({ GroupName }));
  for (const [UserName, GroupName] of [["sort-c", "Sorters"], ["sort-c", "Sorted"], ["sort-a-b", "Sorted"]]) await aws.iam.send(new AddUserToGroupCommand({ UserName, GroupName }));
  await aws.iam.send(new CreateAccessKeyCommand({ UserName: "a-sort-a" }));
  await signIn(page, server);
  await open(page, server, "/users");
  const names = page.getByRole("row").getByRole("link");
  const sort = (column: string) => page.getByRole("columnheader", { name: column }).getByRole("button").press("Enter");
  await page.getByRole("searchbox", { name: "Search users" }).fill("sort-a");
  await expect(names).toHaveText(["Sort-A", "sort-a-b", "a-sort-a"]);
  await sort("User name"); // the other way round
  await expect(names).toHaveText(["Sort-A", "sort-a-b", "a-sort-a"]);
  await sort("User name");
  await page.getByRole("searchbox", { name: "Search users" }).fill("sort-");
  await sort("Groups");
  await sort("Groups");
  await expect(names.first()).toHaveText("sort-c");
  await expect(names.nth(1)).toHaveText("sort-a-b");
  await page.getByRole("searchbox", { name: "Search users" }).fill("");
  await sort("Active key age");
  await sort("Active key age");
  await expect(names.first()).toHaveText("a-sort-a");
  await accessible(page, "the sorted list of users");
});

test("a user is renamed, joins and leaves a group, and what is not there is said", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "Old" }));
  await aws.iam.send(new CreateGroupCommand({ GroupName: "Testers" }));
  await signIn(page, server);
  await open(page, server, "/users/Old/groups");
  await press(page, "Add user to groups");
  const adding = dialog(page, "Add Old to groups");
  await adding.getByRole("checkbox", { name: "Select Testers" }).check();
  await accessible(page, "the dialog that adds a user to groups");
  await adding.getByRole("button", { name: "Add to groups" }).click();
  await expect(page.getByText("Old added to 1 group.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Testers" })).toBeVisible();
  await accessible(page, "the Groups tab");
  await page.getByRole("checkbox", { name: "Select Testers" }).check();
  await press(page, "Remove");
  await dialog(page, "Remove user from group?").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByText("Old removed from Testers.")).toBeVisible();
  expect((await aws.iam.send(new ListGroupsForUserCommand({ UserName: "Old" }))).Groups).toEqual([]);

  await press(page, "Rename");
  const renaming = dialog(page, "Rename Old?");
  await renaming.getByLabel("User name").fill("New");
  await renaming.getByLabel("Path").fill("/people/");
  await accessible(page, "the dialog that renames a user");
  await press(page, "Save changes");
  await expect(page.getByRole("heading", { name: "New", exact: true })).toBeVisible();
  expect((await aws.iam.send(new GetUserCommand({ UserName: "New" }))).User?.Path).toBe("/people/");
  await open(page, server, "/users/Old");
  await expect(page.getByText("There is no user named Old")).toBeVisible();
  await accessible(page, "the page of a missing user");
});

test("who may not is told so", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "Guest" }));
  await aws.iam.send(new CreateLoginProfileCommand({ UserName: "Guest", Password: "Correct-Horse-8" }));
  await signIn(page, server, { type: "user", account: server.account, user: "Guest", password: "Correct-Horse-8" });
  await open(page, server, "/users");
  await expect(page.getByText("You don't have permission")).toBeVisible();
  await expect(page.getByText(/is not authorized to perform: iam:ListUsers/)).toBeVisible();
  await accessible(page, "a refused list");
});

test("the pages fit a telephone", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "Mobile" }));
  await page.setViewportSize({ width: 390, height: 800 });
  await signIn(page, server);
  for (const [path, seen] of [["/users", "Mobile"], ["/users/create", "Specify user details"], ["/users/Mobile/security-credentials", "X.509 signing certificates"], ["/users/Mobile/access-keys/create", "Use case"]] as const) {
    await open(page, server, path);
    await expect(page.getByText(seen).filter({ visible: true }).first()).toBeVisible();
    expect(await page.evaluate(() => window.document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390);
  }
  await aws.iam.send(new CreateLoginProfileCommand({ UserName: "Mobile", Password: "Correct-Horse-8" }));
  for (const [path, seen] of [["/users/Mobile", "Enabled without MFA"], ["/users", "0 days"]] as const) {
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await open(page, server, path);
      await expect(page.locator("main").getByText(seen).first()).toBeVisible();
      await wholeWords(page);
    }
  }
});
