import { DescribeOrganizationCommand, DescribePolicyCommand, ListAccountsCommand, ListPoliciesForTargetCommand } from "@aws-sdk/client-organizations";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { accessible, expect, open, signIn, test, writePolicy } from "./fixtures";
import { person } from "./people";
import { wholeWords } from "./words";

test.describe.configure({ mode: "serial" });

test("an organization, a unit, an account in it, and a policy that binds it", async ({ page, server, aws }) => {
  await signIn(page, server);
  await open(page, server, "/organizations");
  await expect(page.getByText("This account is in no organization")).toBeVisible();
  await accessible(page, "no organization");
  await page.getByRole("button", { name: "Create an organization" }).click();
  await expect(page.getByRole("heading", { name: "AWS accounts" })).toBeVisible();
  const organization = (await aws.organizations.send(new DescribeOrganizationCommand({}))).Organization!;
  expect(organization.MasterAccountId).toBe(server.account);

  await page.getByRole("radio", { name: "Select Root", exact: true }).check();
  await page.getByRole("button", { name: "Actions", exact: true }).click();
  await page.getByRole("menuitem", { name: "Create new" }).click();
  await page.getByRole("dialog").getByLabel("Organizational unit name").fill("Tests");
  await accessible(page, "create a unit");
  await page.getByRole("dialog").getByRole("button", { name: "Create organizational unit" }).click();
  await expect(page.getByRole("link", { name: "Tests" })).toBeVisible();

  await page.getByRole("link", { name: "Add an AWS account" }).click();
  await page.getByRole("button", { name: "Create AWS account" }).click();
  await expect(page.getByText("Enter a name.")).toBeVisible();
  await page.getByLabel("AWS account name").fill("Sandbox");
  await page.getByLabel("Email address of the account's owner").fill("sandbox@example.com");
  await accessible(page, "add an account");
  await page.getByRole("button", { name: "Create AWS account" }).click();
  await expect(page.getByText("Account Sandbox created.")).toBeVisible();

  await page.getByRole("radio", { name: "Select Sandbox" }).check();
  await page.getByRole("button", { name: "Actions", exact: true }).click();
  await page.getByRole("menuitem", { name: "Move", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Move AWS account" }).click();
  await expect(page.getByText("Sandbox moved.")).toBeVisible();
  await accessible(page, "the tree");

  await open(page, server, "/organizations/policies");
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 720 });
    await expect(page.getByRole("cell", { name: "Disabled" }).first()).toBeVisible();
    await wholeWords(page);
  }
  await page.getByRole("button", { name: "Enable Tag policies" }).click();
  await accessible(page, "enable a type");
  await page.getByRole("dialog").getByRole("button", { name: "Enable" }).click();
  await expect(page.getByRole("link", { name: "Tag policies" })).toBeVisible();
  await page.getByRole("link", { name: "Service control policies" }).click();
  await expect(page.getByRole("link", { name: "FullAWSAccess" })).toBeVisible();
  await accessible(page, "policies of a type");
  await page.getByRole("link", { name: "Create policy" }).click();
  await page.getByLabel("Policy name").fill("NoUsers");
  await page.getByRole("button", { name: "JSON", exact: true }).click();
  await expect(page.locator(".ace_line").nth(2)).toHaveText(/^ {4}"Statement": \[$/);
  await writePolicy(page, '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:CreateUser","Resource":"*"}]}');
  await accessible(page, "create an organization policy");
  await page.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByRole("heading", { name: "NoUsers" })).toBeVisible();
  await expect(page.locator(".policy-line").nth(1)).toHaveText('    "Version": "2012-10-17",');
  const id = decodeURIComponent(page.url().split("/").at(-1)!);
  await page.getByRole("link", { name: "Edit policy" }).click();
  await page.getByLabel("Policy name").fill("NoUsers");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Policy updated.")).toBeVisible();
  expect((await aws.organizations.send(new DescribePolicyCommand({ PolicyId: id }))).Policy!.Content).not.toContain("\n"); // as it was written
  await accessible(page, "an organization policy");

  await open(page, server, "/organizations");
  await page.getByRole("link", { name: "Tests" }).click();
  await expect(page.getByRole("table", { name: "Children" }).getByRole("row", { name: "Sandbox" })).toContainText("Account");
  await accessible(page, "an organizational unit");
  await page.getByRole("link", { name: "Sandbox" }).click();
  await page.getByRole("tab", { name: "Policies" }).click();
  await expect(page.getByRole("link", { name: "Create tag policy" })).toHaveAttribute("href", /TAG_POLICY\/create$/);
  await page.getByRole("button", { name: "Attach service control policy" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /Policy/ }).first().click();
  await page.getByRole("option", { name: "NoUsers" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Attach policy" }).click();
  await expect(page.getByText("NoUsers attached to Sandbox.")).toBeVisible();
  const member = await page.getByText(/^\d{12}$/).first().innerText();
  const attached = await aws.organizations.send(new ListPoliciesForTargetCommand({ TargetId: member, Filter: "SERVICE_CONTROL_POLICY" }));
  expect(attached.Policies?.map((p) => p.Name).sort()).toEqual(["FullAWSAccess", "NoUsers"]);

  await page.getByRole("tab", { name: "In effect" }).click();
  const levels = page.getByRole("table", { name: "Service control policies in effect" });
  await expect(levels.getByRole("row")).toHaveCount(4); // the header, root, Tests, Sandbox
  await levels.getByRole("button", { name: "NoUsers" }).click();
  await expect(levels.getByText("iam:CreateUser")).toBeVisible();
  await accessible(page, "what is in effect");
});

test("a member account is told what only the management account can do", async ({ page, server, aws }) => {
  const who = await person(aws, server, "Manager", { Assume: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" }] }) });
  const member = (await aws.organizations.send(new ListAccountsCommand({}))).Accounts!.find((a) => a.Name === "Sandbox")!.Id!;
  const { Credentials: keys } = await who.aws.sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${member}:role/OrganizationAccountAccessRole`, RoleSessionName: "Manager" }));
  const ends = keys!.Expiration!.toISOString();
  const session = {
    id: "member", ends, account: { id: member }, principal: { type: "role", arn: `arn:aws:sts::${member}:assumed-role/OrganizationAccountAccessRole/Manager`, name: "Manager" },
    keys: { accessKeyId: keys!.AccessKeyId, secretAccessKey: keys!.SecretAccessKey, sessionToken: keys!.SessionToken, expiration: ends },
  };
  await page.addInitScript((kept) => sessionStorage.setItem("iamd.sessions", kept), JSON.stringify({ sessions: [session], current: session.id }));
  const pages = { policies: "manage its policies", "policies/TAG_POLICY": "manage its policies", invitations: "see and send invitations", settings: "change its settings", "add-account": "add accounts to it" };
  for (const [path, what] of Object.entries(pages)) {
    await open(page, server, "/organizations/" + path);
    await expect(page.getByText(`Only the management account of the organization can ${what}`)).toBeVisible();
    await expect(page.getByText(server.account).first()).toBeVisible();
    await expect(page.getByText("You don't have permission")).toBeHidden();
  }
  await accessible(page, "a page of the management account");
});

test("what is not there is said to be", async ({ page, server }) => {
  await signIn(page, server);
  const missing = {
    "targets/ou-abcd-12345678": "organizational unit named ou-abcd-12345678", "targets/999988887777": "account of the organization named 999988887777",
    "policy/p-nosuchone": "organization policy named p-nosuchone", "policy/p-nosuchone/edit": "organization policy named p-nosuchone",
  };
  for (const [path, what] of Object.entries(missing)) {
    await open(page, server, "/organizations/" + path);
    await expect(page.getByText("There is no " + what)).toBeVisible();
  }
  await page.getByRole("link", { name: "Go to Organization policies" }).click();
  await expect(page.getByRole("heading", { name: "Organization policies", level: 1 })).toBeVisible();
});

test("an invitation is sent and taken back", async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, "/organizations/add-account");
  await page.getByLabel("Invite an existing AWS account").check();
  await page.getByLabel("Email address or account ID").fill("nobody@example.com");
  await page.getByRole("button", { name: "Send invitation" }).click();
  await expect(page.getByRole("heading", { name: "Invitations" }).first()).toBeVisible();
  await accessible(page, "invitations");
  await page.getByRole("button", { name: /^Cancel h-/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel invitation" }).click();
  await expect(page.getByText("CANCELED")).toBeVisible();
});

test("services and administrators of the organization", async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, "/organizations/settings");
  await page.getByRole("button", { name: "Enable trusted access" }).click();
  await page.getByRole("dialog").getByLabel("Service principal").fill("iam.amazonaws.com");
  await page.getByRole("dialog").getByRole("button", { name: "Enable" }).click();
  await expect(page.getByText("iam.amazonaws.com is trusted.")).toBeVisible();
  await accessible(page, "organization settings");
  await open(page, server, "/account-settings");
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 720 });
    await expect(page.getByRole("table", { name: "Features of centralized root access" }).getByText("Disabled").first()).toBeVisible();
    await wholeWords(page);
  }
});
