import {
  AddUserToGroupCommand, AttachGroupPolicyCommand, AttachUserPolicyCommand, CreateGroupCommand, CreateRoleCommand, CreateUserCommand, GetRolePolicyCommand, GetUserCommand,
  GetUserPolicyCommand, ListAttachedGroupPoliciesCommand, ListAttachedRolePoliciesCommand, ListAttachedUserPoliciesCommand, ListGroupsForUserCommand, ListUserPoliciesCommand, PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { accessible, expect, leaveFor, open, signIn, test, type Aws } from "./fixtures";

const listBuckets = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}';
const readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess";

async function paste(page: Page, text: string): Promise<void> {
  await page.getByRole("button", { name: "JSON", exact: true }).click();
  await page.locator(".ace_text-input").focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(text);
}

function next(page: Page) {
  return page.getByRole("button", { name: "Next", exact: true });
}

/** A row of the table that a name is in. */
function row(page: Page, name: string) {
  return page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
}

async function attachedTo(aws: Aws, UserName: string): Promise<string[]> {
  return (await aws.iam.send(new ListAttachedUserPoliciesCommand({ UserName }))).AttachedPolicies!.map((p) => p.PolicyName!).sort();
}

test.beforeEach(async ({ page, server }) => signIn(page, server));

test("a user's policies: by type, by group, opened and removed", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "una" }));
  await aws.iam.send(new CreateGroupCommand({ GroupName: "Testers" }));
  await aws.iam.send(new AddUserToGroupCommand({ UserName: "una", GroupName: "Testers" }));
  await aws.iam.send(new AttachGroupPolicyCommand({ GroupName: "Testers", PolicyArn: readOnly }));
  await aws.iam.send(new AttachUserPolicyCommand({ UserName: "una", PolicyArn: "arn:aws:iam::aws:policy/job-function/Billing" }));
  await aws.iam.send(new PutUserPolicyCommand({ UserName: "una", PolicyName: "Buckets", PolicyDocument: listBuckets }));
  await open(page, server, "/users/una");
  await expect(row(page, "ReadOnlyAccess")).toContainText("Group Testers");
  await expect(row(page, "Billing")).toContainText("AWS managed - job function");
  await expect(row(page, "Billing")).toContainText("Directly");
  await expect(row(page, "Buckets")).toContainText("Customer inline");
  await page.getByRole("button", { name: "Show the document of Buckets" }).click();
  await expect(page.getByRole("group", { name: "Buckets" })).toContainText("s3:ListAllMyBuckets");
  await accessible(page, "Permissions tab of a user");
  await page.getByRole("button", { name: /Filter by Type/ }).click();
  await page.getByRole("option", { name: "Customer inline" }).click();
  await expect(row(page, "Billing")).toBeHidden();
  await page.getByRole("button", { name: /Filter by Type/ }).click();
  await page.getByRole("option", { name: "All types" }).click();

  await expect(page.getByRole("checkbox", { name: "Select ReadOnlyAccess" })).toBeDisabled();
  await page.getByRole("checkbox", { name: "Select Buckets" }).check();
  await page.getByRole("checkbox", { name: "Select Billing" }).check();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Remove 2 policies?" });
  await expect(dialog.getByText("Inline policies are deleted.")).toBeVisible();
  await accessible(page, "the dialog Remove policies");
  await dialog.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("2 policies removed.")).toBeVisible();
  expect(await attachedTo(aws, "una")).toEqual([]);
  expect((await aws.iam.send(new ListUserPoliciesCommand({ UserName: "una" }))).PolicyNames).toEqual([]);
});

test("permissions are added by group, as another user's, and directly", async ({ page, server, aws }) => {
  for (const UserName of ["gil", "gus"]) await aws.iam.send(new CreateUserCommand({ UserName }));
  await aws.iam.send(new CreateGroupCommand({ GroupName: "Readers" }));
  await aws.iam.send(new PutUserPolicyCommand({ UserName: "gus", PolicyName: "Buckets", PolicyDocument: listBuckets }));
  await aws.iam.send(new AttachUserPolicyCommand({ UserName: "gus", PolicyArn: readOnly }));
  const add = async () => {
    await open(page, server, "/users/gil");
    await page.getByRole("button", { name: "Add permissions" }).click();
    await page.getByRole("menuitem", { name: "Add permissions" }).click();
    await expect(page.getByRole("radio", { name: /Add user to group/ })).toBeChecked();
  };
  const finish = async () => {
    await next(page).click();
    await expect(page.getByText("Permissions summary")).toBeVisible();
    await page.getByRole("button", { name: "Add permissions", exact: true }).click();
    await expect(page).toHaveURL(/#\/users\/gil$/);
    await expect(page.getByText("Permissions added to user gil.").first()).toBeVisible();
  };
  await add();
  await next(page).click();
  await expect(page.getByText("Select at least one group.").first()).toBeVisible();
  await page.getByRole("checkbox", { name: "Select Readers" }).check();
  await accessible(page, "Add permissions, groups");
  await finish();
  expect((await aws.iam.send(new ListGroupsForUserCommand({ UserName: "gil" }))).Groups!.map((g) => g.GroupName)).toEqual(["Readers"]);

  await add();
  await page.getByRole("radio", { name: /Attach policies directly/ }).check();
  await page.getByRole("searchbox").fill("AmazonS3ReadOnlyAccess");
  await page.getByRole("checkbox", { name: "Select AmazonS3ReadOnlyAccess" }).check();
  await page.getByRole("searchbox").fill("AmazonSQSReadOnlyAccess"); // what is chosen stays
  await page.getByRole("checkbox", { name: "Select AmazonSQSReadOnlyAccess" }).check();
  await accessible(page, "Add permissions, policies");
  await finish();
  expect(await attachedTo(aws, "gil")).toEqual(["AmazonS3ReadOnlyAccess", "AmazonSQSReadOnlyAccess"]);

  await add();
  await page.getByRole("radio", { name: /Copy permissions/ }).check();
  await page.getByRole("radio", { name: "Select gus" }).check();
  await next(page).click();
  await expect(page.getByRole("cell", { name: "Customer inline" })).toBeVisible();
  await accessible(page, "Add permissions, review");
  await page.getByRole("button", { name: "Add permissions", exact: true }).click();
  await expect(page).toHaveURL(/#\/users\/gil$/);
  expect(await attachedTo(aws, "gil")).toContain("ReadOnlyAccess");
  const { PolicyDocument } = await aws.iam.send(new GetUserPolicyCommand({ UserName: "gil", PolicyName: "Buckets" }));
  expect(decodeURIComponent(PolicyDocument!)).toBe(listBuckets);
});

test("an inline policy is created and edited", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "ina" }));
  const document = async () => JSON.parse(decodeURIComponent((await aws.iam.send(new GetUserPolicyCommand({ UserName: "ina", PolicyName: "Mine" }))).PolicyDocument!));
  await open(page, server, "/users/ina");
  await page.getByRole("button", { name: "Add permissions" }).click();
  await page.getByRole("menuitem", { name: "Create inline policy" }).click();
  await paste(page, listBuckets);
  await next(page).click();
  await page.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByText("Enter a policy name.").first()).toBeVisible();
  await page.getByLabel("Policy name").fill("Mine");
  await accessible(page, "Create inline policy, review");
  await page.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByText("Policy Mine created.")).toBeVisible();
  expect(await document()).toEqual(JSON.parse(listBuckets));

  await page.getByRole("link", { name: "Mine", exact: true }).click();
  await paste(page, listBuckets.replace("s3:ListAllMyBuckets", "s3:GetObject"));
  await next(page).click();
  await expect(page.getByText("1 line added, 1 removed.")).toBeVisible();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Policy Mine updated.")).toBeVisible();
  expect((await document()).Statement[0].Action).toBe("s3:GetObject");

  // A new one does not write over one that is there.
  await open(page, server, "/users/ina/inline-policies/create");
  await paste(page, listBuckets);
  await next(page).click();
  await page.getByLabel("Policy name").fill("Mine");
  await page.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByText("has an inline policy Mine already")).toBeVisible();
  expect((await document()).Statement[0].Action).toBe("s3:GetObject");

  // One that is not there is said to be that, not its owner.
  await leaveFor(page, server, "/users/ina/inline-policies/Nothing/edit");
  await expect(page.getByText("There is no inline policy named Nothing")).toBeVisible();
  await page.getByRole("link", { name: "Go to ina" }).click();
  await expect(page.getByRole("heading", { name: "ina", level: 1 })).toBeVisible();
  await open(page, server, "/users/nobody/inline-policies/Nothing/edit");
  await expect(page.getByText("There is no user named nobody")).toBeVisible();
});

test("a boundary is set, changed and removed", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "bea" }));
  const boundary = async () => (await aws.iam.send(new GetUserCommand({ UserName: "bea" }))).User!.PermissionsBoundary?.PermissionsBoundaryArn;
  const choose = async (name: string) => {
    await page.getByRole("searchbox").fill(name);
    await page.getByRole("radio", { name: `Select ${name}`, exact: true }).check();
  };
  await open(page, server, "/users/bea");
  await page.getByRole("link", { name: "Set permissions boundary" }).click();
  await expect(page.getByRole("heading", { name: "Set permissions boundary" })).toBeVisible();
  await choose("PowerUserAccess");
  await accessible(page, "Set permissions boundary");
  await page.getByRole("button", { name: "Set boundary" }).click();
  await expect(page.getByText("Permissions boundary PowerUserAccess set for bea.")).toBeVisible();
  expect(await boundary()).toBe("arn:aws:iam::aws:policy/PowerUserAccess");
  await page.getByRole("link", { name: "Change boundary" }).click();
  await expect(page.getByRole("heading", { name: "Change permissions boundary" })).toBeVisible();
  await choose("SecurityAudit");
  await page.getByRole("button", { name: "Change boundary" }).click();
  await expect(page.getByText("Permissions boundary SecurityAudit set for bea.")).toBeVisible();
  expect(await boundary()).toBe("arn:aws:iam::aws:policy/SecurityAudit");
  await page.getByRole("button", { name: "Remove boundary" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove boundary" }).click();
  await expect(page.getByText("Permissions boundary removed from bea.")).toBeVisible();
  expect(await boundary()).toBeUndefined();
});

test("a role gets a policy, an inline policy, and what is refused is shown", async ({ page, server, aws }) => {
  const trust = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }] });
  await aws.iam.send(new CreateRoleCommand({ RoleName: "worker", AssumeRolePolicyDocument: trust }));
  await open(page, server, "/roles/worker/add-permissions");
  await page.getByRole("searchbox").fill("AmazonS3ReadOnlyAccess");
  await page.getByRole("checkbox", { name: "Select AmazonS3ReadOnlyAccess" }).check();
  await page.getByRole("button", { name: "Add permissions" }).click();
  await expect(page.getByText("Policy attached to role worker.")).toBeVisible();
  const { AttachedPolicies } = await aws.iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "worker" }));
  expect(AttachedPolicies!.map((p) => p.PolicyName)).toEqual(["AmazonS3ReadOnlyAccess"]);
  await open(page, server, "/roles/worker/inline-policies/create");
  await paste(page, listBuckets);
  await next(page).click();
  await page.getByLabel("Policy name").fill("Buckets");
  await page.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByText("Policy Buckets created.")).toBeVisible();
  await aws.iam.send(new GetRolePolicyCommand({ RoleName: "worker", PolicyName: "Buckets" }));

  await open(page, server, "/roles/nobody/add-permissions");
  await expect(page.getByText("There is no role named nobody")).toBeVisible();
  // AWS attaches policies that are for one service's own role to nothing else.
  await open(page, server, "/roles/worker/add-permissions");
  await page.getByRole("searchbox").fill("AccessAnalyzerServiceRolePolicy");
  await page.getByRole("checkbox", { name: "Select AccessAnalyzerServiceRolePolicy" }).check();
  await page.getByRole("button", { name: "Add permissions" }).click();
  await expect(page.getByText(/AccessAnalyzerServiceRolePolicy: /)).toBeVisible();
});

test("a group gets a policy, from its page and back", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateGroupCommand({ GroupName: "Crew" }));
  await open(page, server, "/groups/Crew");
  await page.getByRole("tab", { name: "Permissions" }).click();
  await page.getByRole("button", { name: "Add permissions" }).click();
  await page.getByRole("menuitem", { name: "Attach policies" }).click();
  await page.getByRole("searchbox").fill("AmazonS3ReadOnlyAccess");
  await page.getByRole("checkbox", { name: "Select AmazonS3ReadOnlyAccess" }).check();
  await accessible(page, "Attach permission policies");
  await page.getByRole("button", { name: "Attach policies" }).click();
  await expect(page.getByText("Policy attached to user group Crew.")).toBeVisible();
  const { AttachedPolicies } = await aws.iam.send(new ListAttachedGroupPoliciesCommand({ GroupName: "Crew" }));
  expect(AttachedPolicies!.map((p) => p.PolicyName)).toEqual(["AmazonS3ReadOnlyAccess"]);
});

test("390 px wide and by keyboard alone, a policy is removed", async ({ page, server, aws }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await aws.iam.send(new CreateUserCommand({ UserName: "kim" }));
  await aws.iam.send(new AttachUserPolicyCommand({ UserName: "kim", PolicyArn: readOnly }));
  await open(page, server, "/users/kim");
  await expect(row(page, "ReadOnlyAccess")).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
  await page.getByRole("checkbox", { name: "Select ReadOnlyAccess" }).focus();
  await page.keyboard.press("Space");
  const remove = page.getByRole("button", { name: "Remove", exact: true });
  await expect(remove).toBeEnabled();
  for (let n = 0; n < 20 && !(await remove.evaluate((e) => e === document.activeElement)); n++) await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  const confirm = page.getByRole("dialog").getByRole("button", { name: "Remove" });
  await expect(confirm).toBeVisible();
  for (let n = 0; n < 10 && !(await confirm.evaluate((e) => e === document.activeElement)); n++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Policy ReadOnlyAccess removed.")).toBeVisible();
  expect(await attachedTo(aws, "kim")).toEqual([]);
});
