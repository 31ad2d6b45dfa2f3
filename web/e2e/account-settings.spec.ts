import {
  CreateAccountAliasCommand, DeleteAccountAliasCommand, GetAccountPasswordPolicyCommand, GetAccountSummaryCommand, GetOutboundWebIdentityFederationInfoCommand, ListAccountAliasesCommand,
  ListOrganizationsFeaturesCommand, ListServerCertificatesCommand,
} from "@aws-sdk/client-iam";
import { CreateOrganizationCommand } from "@aws-sdk/client-organizations";
import type { Page } from "@playwright/test";
import { accessible, clients, expect, open, signIn, test, type Aws } from "./fixtures";
import { identity } from "./identity";
import { actAs } from "./limited";
import { start, type Server } from "./server";

const dialog = (page: Page) => page.getByRole("dialog");

test.describe("as root", () => {
  test.beforeEach(async ({ page, server }) => {
    await signIn(page, server);
    await open(page, server, "/account-settings");
  });

  test("the alias: made, changed, deleted", async ({ page, server, aws }) => {
    const aliases = async () => (await aws.iam.send(new ListAccountAliasesCommand({}))).AccountAliases;
    await expect(page.getByText(`${server.url}/console/?account=`)).toBeVisible();
    await page.getByRole("button", { name: "Create alias" }).click();
    await dialog(page).getByLabel("Preferred alias").fill("Acme");
    await expect(page.getByText("Use lower-case letters, digits and hyphens.")).toBeVisible();
    await dialog(page).getByLabel("Preferred alias").fill("acme");
    await accessible(page, "create an alias");
    await page.keyboard.press("Enter");
    await expect(page.getByText("Account alias acme set.")).toBeVisible();
    expect(await aliases()).toEqual(["acme"]);
    await page.getByRole("button", { name: "Edit alias" }).click();
    await dialog(page).getByLabel("Preferred alias").fill("acme-dev");
    await dialog(page).getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("Account alias acme-dev set.")).toBeVisible();
    expect(await aliases()).toEqual(["acme-dev"]);
    await page.getByRole("button", { name: "Delete alias" }).click();
    await accessible(page, "delete an alias");
    await dialog(page).getByRole("button", { name: "Delete alias" }).click();
    await expect(page.getByText("Account alias acme-dev deleted.")).toBeVisible();
    expect(await aliases()).toEqual([]);
  });

  test("the password policy: custom, with faults told, changed, and back to the default", async ({ page, aws }) => {
    const policy = async () => (await aws.iam.send(new GetAccountPasswordPolicyCommand({}))).PasswordPolicy!;
    await page.getByRole("link", { name: "Edit password policy" }).click();
    await page.getByRole("radio", { name: /Custom/ }).check();
    await page.getByLabel("Password minimum length").fill("5");
    await expect(page.getByText("Enter 6 to 128 characters.")).toBeVisible();
    await page.getByRole("checkbox", { name: "Turn on password expiration" }).check();
    await page.getByLabel("Expire password in days").fill("90");
    await page.getByRole("checkbox", { name: "Password expiration requires administrator reset" }).check();
    await page.getByRole("checkbox", { name: "Prevent password reuse" }).check();
    await page.getByLabel("Number of passwords to remember").fill("25");
    await expect(page.getByText("Enter 1 to 24 passwords.")).toBeVisible();
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByRole("heading", { name: "Edit password policy" })).toBeVisible();
    await expect(policy()).rejects.toThrow(/cannot be found/);
    await accessible(page, "edit the password policy");
    await page.getByLabel("Password minimum length").fill("14");
    await page.getByLabel("Number of passwords to remember").fill("5");
    await page.getByRole("checkbox", { name: /non-alphanumeric/ }).uncheck();
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("Password policy updated.")).toBeVisible();
    await expect(page.getByText("Password minimum length is 14 characters")).toBeVisible();
    await expect(page.getByText("Remember last 5 passwords and prevent reuse")).toBeVisible();
    expect(await policy()).toMatchObject({
      MinimumPasswordLength: 14, RequireSymbols: false, RequireNumbers: true, RequireUppercaseCharacters: true, RequireLowercaseCharacters: true,
      AllowUsersToChangePassword: true, MaxPasswordAge: 90, HardExpiry: true, PasswordReusePrevention: 5,
    });
    await page.getByRole("link", { name: "Edit password policy" }).click();
    await expect(page.getByLabel("Password minimum length")).toHaveValue("14");
    await page.getByRole("radio", { name: /IAM default/ }).check();
    await page.getByRole("button", { name: "Save changes" }).click();
    await accessible(page, "set the default password policy");
    await dialog(page).getByRole("button", { name: "Set default" }).click();
    await expect(page.getByText("The default password policy holds.")).toBeVisible();
    await expect(policy()).rejects.toThrow(/cannot be found/);
  });

  test("session tokens, and the account as an issuer of tokens", async ({ page, aws }) => {
    await page.getByRole("button", { name: "Change session tokens" }).click();
    await dialog(page).getByRole("radio", { name: "Valid in all AWS Regions" }).check();
    await accessible(page, "session tokens");
    await dialog(page).getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("Session token compatibility changed.")).toBeVisible();
    await expect(page.getByText("Valid in all AWS Regions")).toBeVisible();
    expect((await aws.iam.send(new GetAccountSummaryCommand({}))).SummaryMap!["GlobalEndpointTokenVersion"]).toBe(2);

    await page.getByRole("button", { name: "Enable outbound identity federation" }).click();
    await accessible(page, "enable outbound federation");
    await dialog(page).getByRole("button", { name: "Enable" }).click();
    await expect(page.getByText("Outbound identity federation enabled.")).toBeVisible();
    const info = await aws.iam.send(new GetOutboundWebIdentityFederationInfoCommand({}));
    await expect(page.getByText(info.IssuerIdentifier!, { exact: true })).toBeVisible();
    await page.getByRole("button", { name: "Disable outbound identity federation" }).click();
    await dialog(page).getByRole("button", { name: "Disable" }).click();
    await expect(page.getByText("Outbound identity federation disabled.")).toBeVisible();
    await expect(aws.iam.send(new GetOutboundWebIdentityFederationInfoCommand({}))).rejects.toThrow(/disabled/);
  });

  test("server certificates, at 390 pixels", async ({ page, aws }) => {
    const { certificate, key } = identity("www.example.com");
    const names = async () => (await aws.iam.send(new ListServerCertificatesCommand({}))).ServerCertificateMetadataList!.map((c) => c.Path! + c.ServerCertificateName);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("button", { name: "Upload certificate" }).click();
    await dialog(page).getByLabel("Certificate name").fill("www");
    await dialog(page).getByLabel("Path", { exact: true }).fill("/sites/");
    await dialog(page).getByLabel("Certificate body").fill(certificate);
    await dialog(page).getByLabel("Private key").fill("nonsense");
    await expect(page.getByText("Paste a private key without a password in PEM format")).toBeVisible();
    await expect(dialog(page).getByRole("button", { name: "Upload certificate" })).toBeDisabled();
    await dialog(page).getByLabel("Private key").fill(identity("other.example.com").key);
    await dialog(page).getByRole("button", { name: "Upload certificate" }).click();
    await expect(dialog(page).getByText("KeyPairMismatch")).toBeVisible();
    await dialog(page).getByLabel("Private key").fill(key);
    await dialog(page).getByRole("button", { name: "Upload certificate" }).click();
    await expect(page.getByText("Server certificate www uploaded.")).toBeVisible();
    expect(await names()).toEqual(["/sites/www"]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false);
    await page.setViewportSize({ width: 1280, height: 900 });
    await accessible(page, "server certificates");
    await page.getByRole("radio", { name: "Select www" }).check();
    await page.getByRole("button", { name: "Delete server certificate" }).click();
    await dialog(page).getByRole("textbox").fill("www");
    await page.keyboard.press("Enter");
    await expect(page.getByText("Server certificate www deleted.")).toBeVisible();
    expect(await names()).toEqual([]);
  });
});

test("who may only read sees why buttons and calls are refused", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateAccountAliasCommand({ AccountAlias: "readers" }));
  await actAs(page, server, aws, "SettingsReader", ["iam:ListAccountAliases", "iam:GetAccountSummary"]);
  await open(page, server, "/account-settings");
  await expect(page.getByText("readers", { exact: true })).toBeVisible();
  await expect(page.getByText(/is not authorized to perform: iam:GetAccountPasswordPolicy/)).toBeVisible();
  await accessible(page, "account settings of a reader");
  await aws.iam.send(new DeleteAccountAliasCommand({ AccountAlias: "readers" }));
});

// A server of its own: nothing is set in it yet, and the account of the others stays in no organization.
test("a new account: nothing is set yet, and central root access comes with an organization", async ({ page }) => {
  const server = await start();
  try {
    await fresh(page, server, clients(server));
  } finally {
    await server.stop();
  }
});

async function fresh(page: Page, server: Server, aws: Aws): Promise<void> {
  await signIn(page, server);
  await open(page, server, "/identity-providers");
  await expect(page.getByText("No identity providers")).toBeVisible();
  await accessible(page, "no identity providers");
  await open(page, server, "/account-settings");
  await expect(page.getByText("This AWS account uses the following default password policy.")).toBeVisible();
  await expect(page.getByText("This account is not a member of an organization.")).toBeVisible();
  await expect(page.getByText("No server certificates")).toBeVisible();
  await accessible(page, "account settings");
  await aws.organizations.send(new CreateOrganizationCommand({ FeatureSet: "ALL" }));
  await page.reload();
  const features = async () => (await aws.iam.send(new ListOrganizationsFeaturesCommand({}))).EnabledFeatures;
  await expect(page.getByText("also enables trusted access for IAM")).toBeVisible();
  await page.getByRole("button", { name: "Enable root credentials management" }).click();
  await dialog(page).getByRole("button", { name: "Enable" }).click();
  await expect(page.getByText("Root credentials management enabled.")).toBeVisible();
  await page.getByRole("button", { name: "Enable privileged root actions in member accounts" }).click();
  await dialog(page).getByRole("button", { name: "Enable" }).click();
  await expect(page.getByText("Privileged root actions in member accounts enabled.")).toBeVisible();
  expect(await features()).toEqual(["RootCredentialsManagement", "RootSessions"]);
  await accessible(page, "central root access");
  await page.getByRole("button", { name: "Disable privileged root actions in member accounts" }).click();
  await dialog(page).getByRole("button", { name: "Disable" }).click();
  await expect(page.getByText("Privileged root actions in member accounts disabled.")).toBeVisible();
  expect(await features()).toEqual(["RootCredentialsManagement"]);
}
