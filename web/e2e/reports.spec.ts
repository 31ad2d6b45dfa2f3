import { AttachUserPolicyCommand, CreateLoginProfileCommand, CreatePolicyCommand, GetCredentialReportCommand, GetUserCommand } from "@aws-sdk/client-iam";
import { CreateOrganizationCommand } from "@aws-sdk/client-organizations";
import { readFile } from "node:fs/promises";
import { accessible, expect, open, picture, signIn, test } from "./fixtures";
import { asking, choose, fitsWidth, person } from "./people";

const reader = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}';

test("last accessed: services, actions, granting policies and entities", async ({ page, server, aws }) => {
  await signIn(page, server);
  const PolicyArn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
  const { aws: own } = await person(aws, server, "LastAccessed");
  await aws.iam.send(new AttachUserPolicyCommand({ UserName: "LastAccessed", PolicyArn }));
  await own.iam.send(new GetUserCommand({}));
  await open(page, server, "/last-accessed");
  await expect(page.getByText("Choose a user, group, role or policy")).toBeVisible();
  await accessible(page, "Last accessed, nothing chosen");
  await choose(page, "Name", "LastAccessed");
  const row = page.getByRole("row", { name: /Identity and Access Management/ });
  await expect(row).toContainText("LastAccessed");
  await expect(row).toContainText("us-east-1");
  await expect(page.getByText("Report of")).toBeVisible();
  await picture(page, "last-accessed");
  await accessible(page, "Last accessed");
  await page.getByText("Show actions").click();
  await expect(row).toContainText(/1 of \d+/);
  await row.getByRole("button", { name: /details/ }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("link", { name: "IAMReadOnlyAccess" })).toBeVisible();
  await dialog.getByRole("tab", { name: "Actions" }).click();
  await expect(dialog.getByRole("row", { name: /GetUser / })).toContainText("LastAccessed");
  await accessible(page, "Last accessed, a service");
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await page.getByRole("link", { name: "Go to user LastAccessed" }).click();
  await expect(page.getByRole("heading", { name: "LastAccessed", level: 1 })).toBeVisible();
  await page.getByRole("tab", { name: "Last Accessed" }).click();
  await expect(page.getByRole("heading", { name: /Allowed services/ })).toBeVisible();

  await open(page, server, asking("/last-accessed", { arn: PolicyArn }));
  await page.getByRole("button", { name: /Identity and Access Management.*details/ }).click();
  await expect(page.getByRole("dialog").getByRole("link", { name: "LastAccessed" }).first()).toBeVisible();
});

test("a user without policies has no services", async ({ page, server, aws }) => {
  await signIn(page, server);
  const { arn } = await person(aws, server, "Powerless");
  await open(page, server, asking("/last-accessed", { arn }));
  await expect(page.getByText("No services")).toBeVisible();
});

test("the credential report is made, read, filtered and downloaded", async ({ page, server, aws }) => {
  await signIn(page, server);
  await person(aws, server, "Reported");
  await open(page, server, "/credential-report");
  await expect(page.getByText("No report", { exact: true })).toBeVisible();
  await accessible(page, "Credential report, none");
  await page.getByRole("button", { name: "Generate report" }).click();
  await expect(page.getByText("Credential report generated.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Reported" })).toBeVisible();
  await expect(page.getByText("<root_account>")).toBeVisible();
  await picture(page, "credential-report");
  await accessible(page, "Credential report");
  await choose(page, "Which users", "Access keys never used");
  await expect(page.getByRole("link", { name: "Reported" })).toBeVisible();
  await expect(page.getByText("<root_account>")).toHaveCount(0);
  await choose(page, "Which users", "Password never used");
  await expect(page.getByRole("link", { name: "Reported" })).toHaveCount(0);
  await page.getByRole("button", { name: "Show all users" }).click();
  await page.getByRole("button", { name: "Preferences" }).click();
  await page.getByRole("dialog").getByText("access_key_1_last_used_service", { exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("columnheader", { name: "access_key_1_last_used_service" })).toBeVisible();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download credentials report" }).click()]);
  expect(file.suggestedFilename()).toMatch(/^status_reports_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\+00-00\.csv$/);
  const { Content } = await aws.iam.send(new GetCredentialReportCommand({}));
  expect(await readFile(await file.path(), "utf8")).toBe(new TextDecoder().decode(Content));
});

test("the management account sees what its organization used", async ({ page, server, aws }) => {
  await signIn(page, server);
  await aws.organizations.send(new CreateOrganizationCommand({}));
  await open(page, server, "/last-accessed");
  await page.getByRole("tab", { name: "Organization" }).click();
  await expect(page.getByText(/services allowed/)).toBeVisible();
  await choose(page, "Root, organizational unit or account", /Account/);
  await expect(page.getByRole("row", { name: /Identity and Access Management/ })).toContainText(server.account);
  await accessible(page, "Last accessed, organization");
});

test("on a narrow screen nothing is cut off", async ({ page, server, aws }) => {
  await signIn(page, server);
  await page.setViewportSize({ width: 390, height: 844 });
  const { arn } = await person(aws, server, "Narrow", { Reader: reader });
  for (const path of [asking("/last-accessed", { arn }), "/credential-report"]) {
    await open(page, server, path);
    await expect(page.getByRole("table").or(page.getByText("No report", { exact: true })).first()).toBeVisible();
    expect(await fitsWidth(page), path).toBe(true);
  }
});

test("who may not read reports is told so", async ({ page, server, aws }) => {
  await person(aws, server, "Nobody", { Own: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}' });
  const Password = "Correct-Horse-8-Battery";
  await aws.iam.send(new CreateLoginProfileCommand({ UserName: "Nobody", Password }));
  const { Policy } = await aws.iam.send(new CreatePolicyCommand({ PolicyName: "Unseen", PolicyDocument: reader }));
  await signIn(page, server, { type: "user", account: server.account, user: "Nobody", password: Password });
  await open(page, server, "/credential-report");
  await expect(page.getByText("iam:GetCredentialReport", { exact: false }).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Why was this denied?" })).toBeVisible();
  await open(page, server, asking("/last-accessed", { arn: Policy!.Arn! }));
  await expect(page.getByText("iam:GenerateServiceLastAccessedDetails", { exact: false }).first()).toBeVisible();
  await open(page, server, "/denied/00000000-0000-4000-8000-000000000000");
  await expect(page.getByText("sts:DecodeAuthorizationMessage", { exact: false }).first()).toBeVisible();
  await open(page, server, asking("/simulator", { principal: `arn:aws:iam::${server.account}:user/Nobody`, action: "s3:GetObject" }));
  await expect(page.getByText(/not authorized to perform/).first()).toBeVisible();
  await accessible(page, "Policy simulator, refused");
});
