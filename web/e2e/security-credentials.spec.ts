import { CreateLoginProfileCommand, CreateUserCommand, ListMFADevicesCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { accessible, expect, open, signIn, test } from "./fixtures";
import { setUp, signInAnswer } from "./mfa";

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

test("the root user changes its password and sees its own credentials", async ({ page, server, aws }) => {
  await signIn(page, server);
  await open(page, server, "/security-credentials");
  await expect(page.getByText("You are using the root user")).toBeVisible();
  await expect(page.getByText(server.keys.accessKeyId).first()).toBeVisible();
  await accessible(page, "My security credentials of the root user");
  await press(page, "Assign MFA device");
  await setUp(page, "safe");
  await press(page, "Add MFA");
  await expect(page.getByText("MFA device assigned.")).toBeVisible();
  await page.getByRole("radio", { name: /Select arn:aws:iam::\d+:mfa\/safe/ }).check();
  await press(page, "Remove");
  await press(page, "Remove MFA");
  await expect(page.getByText("MFA device removed.")).toBeVisible();
  expect((await aws.iam.send(new ListMFADevicesCommand({}))).MFADevices).toEqual([]);

  await page.getByRole("link", { name: "Create access key" }).click();
  await expect(page.getByText("Alternatives to root user access keys")).toBeVisible();
  await press(page, "Create access key");
  await expect(page.getByText("Confirm that you have read this to go on.")).toBeVisible();
  await accessible(page, "the alternatives to root user access keys");
  await page.getByRole("checkbox", { name: /I understand creating a root access key/ }).check();
  await press(page, "Create access key");
  const [file] = await Promise.all([page.waitForEvent("download"), press(page, "Download .csv file")]);
  expect(file.suggestedFilename()).toBe("rootkey.csv");
  await press(page, "Done");
  await expect(page.getByText("Access keys (2)")).toBeVisible();

  await press(page, "Change password");
  await page.getByLabel("Current password", { exact: true }).fill("wrong");
  await page.getByLabel("New password", { exact: true }).fill("Another-Horse-9-Battery");
  await page.getByLabel("Confirm new password", { exact: true }).fill("Another-Horse-9-Batter");
  await press(page, "Save changes");
  await expect(page.getByText("The passwords do not match.")).toBeVisible();
  await accessible(page, "the dialog that changes a password");
  await page.getByLabel("Confirm new password", { exact: true }).fill("Another-Horse-9-Battery");
  await press(page, "Save changes");
  await expect(page.getByText("That did not work").or(page.getByText("You don't have permission"))).toBeVisible();
  await page.getByLabel("Current password", { exact: true }).fill(server.password);
  await press(page, "Save changes");
  await expect(page.getByText("Your password is changed.")).toBeVisible();
  expect((await signInAnswer(server, { type: "root", email: server.email, password: "Another-Horse-9-Battery" })).credentials).toBeDefined();
  server.password = "Another-Horse-9-Battery";
});

test("a user changes its own password", async ({ page, server, aws }) => {
  const UserName = "Own";
  await aws.iam.send(new CreateUserCommand({ UserName }));
  await aws.iam.send(new CreateLoginProfileCommand({ UserName, Password: "Correct-Horse-8" }));
  const own = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["iam:ChangePassword", "iam:List*", "iam:Get*"], Resource: "*" }] };
  await aws.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "own", PolicyDocument: JSON.stringify(own) }));
  await page.setViewportSize({ width: 390, height: 800 });
  const who = { type: "user", account: server.account, user: UserName };
  await signIn(page, server, { ...who, password: "Correct-Horse-8" });
  await open(page, server, "/security-credentials");
  await expect(page.getByText("AWS account and user details")).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await press(page, "Update console password");
  await page.getByLabel("Current password", { exact: true }).fill("Correct-Horse-8");
  await page.getByLabel("New password", { exact: true }).fill("Another-Horse-9");
  await page.getByLabel("Confirm new password", { exact: true }).fill("Another-Horse-9");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Your password is changed.")).toBeVisible();
  expect((await signInAnswer(server, { ...who, password: "Another-Horse-9" })).credentials).toBeDefined();
});
