import {
  CreateOpenIDConnectProviderCommand, CreateSAMLProviderCommand, GetOpenIDConnectProviderCommand, GetRoleCommand, GetSAMLProviderCommand, ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
} from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { accessible, expect, open, signIn, test } from "./fixtures";
import { identity, samlMetadata } from "./identity";
import { actAs } from "./limited";

const idp = identity("idp.example.com");
const metadata = samlMetadata(idp, "idp.example.com");
const file = (name: string, text: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
const thumbprint = "0123456789abcdef0123456789abcdef01234567";
const providerPage = (arn: string) => "/identity-providers/" + encodeURIComponent(arn);
const next = (page: Page) => page.getByRole("button", { name: "Next", exact: true }).click();

test.describe("as root", () => {
  test.beforeEach(async ({ page, server }) => signIn(page, server));

  test("an OpenID Connect provider, from its beginning over a role for GitHub to its end", async ({ page, server, aws }) => {
    await open(page, server, "/identity-providers");
    await page.getByRole("link", { name: "Add provider" }).first().click();
    await page.getByRole("radio", { name: /OpenID Connect/ }).check();
    await page.getByLabel("Provider URL").fill("http://token.actions.githubusercontent.com");
    await page.getByLabel("Thumbprints").fill("abc");
    await page.getByRole("button", { name: "Add provider" }).click();
    await expect(page.getByText("The URL must begin with https://")).toBeVisible();
    await expect(page.getByText("Enter an audience.")).toBeVisible();
    await expect(page.getByText("A thumbprint is the SHA-1 hash of a certificate: 40 hexadecimal digits.")).toBeVisible();
    await accessible(page, "add an OpenID Connect provider");
    await page.getByLabel("Provider URL").fill("https://token.actions.githubusercontent.com");
    await page.getByLabel("Audience").fill("sts.amazonaws.com");
    await page.getByLabel("Thumbprints").fill(thumbprint.toUpperCase().replaceAll(/(..)(?=.)/g, "$1:"));
    await page.getByRole("button", { name: "Add new tag" }).click();
    await page.getByLabel("Key of tag 1").fill("team");
    await page.getByLabel("Value of tag 1").fill("ci");
    await page.getByRole("button", { name: "Add provider" }).click();
    await expect(page.getByRole("heading", { name: "token.actions.githubusercontent.com", level: 1 })).toBeVisible();
    const arn = `arn:aws:iam::${server.account}:oidc-provider/token.actions.githubusercontent.com`;
    const get = () => aws.iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
    expect(await get()).toMatchObject({ ClientIDList: ["sts.amazonaws.com"], ThumbprintList: [thumbprint], Tags: [{ Key: "team", Value: "ci" }] });
    await accessible(page, "an OpenID Connect provider");

    await page.getByRole("button", { name: "Add audience" }).click();
    await page.getByRole("dialog").getByLabel("Audience").fill("sts.amazonaws.com");
    await expect(page.getByText("The provider has this audience already.")).toBeVisible();
    await page.getByRole("dialog").getByLabel("Audience").fill("another");
    await accessible(page, "add an audience");
    await page.keyboard.press("Enter");
    await expect(page.getByText("Audience another added.")).toBeVisible();
    expect((await get()).ClientIDList).toEqual(["sts.amazonaws.com", "another"]);
    await page.getByRole("radio", { name: "Select another" }).check();
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await expect(page.getByText("Audience another removed.")).toBeVisible();
    expect((await get()).ClientIDList).toEqual(["sts.amazonaws.com"]);

    await page.getByRole("tab", { name: "Endpoint verification" }).click();
    await page.getByRole("button", { name: "Manage", exact: true }).click();
    await page.getByRole("dialog").getByLabel("Thumbprints").fill("b".repeat(40));
    await accessible(page, "manage thumbprints");
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("Thumbprints updated.")).toBeVisible();
    expect((await get()).ThumbprintList).toEqual(["b".repeat(40)]);

    await page.getByRole("link", { name: "Assign role" }).click();
    await expect(page.getByRole("radio", { name: /Web identity/ })).toBeChecked();
    await next(page);
    await expect(page.getByText("Choose an audience.")).toBeVisible();
    await page.getByRole("button", { name: /^Audience/ }).click();
    await page.getByRole("option", { name: "sts.amazonaws.com" }).click();
    await next(page);
    await expect(page.getByText(/Enter a GitHub organization/)).toBeVisible();
    await page.getByLabel("GitHub organization").fill("acme");
    await page.getByLabel("GitHub repository").fill("shop");
    await page.getByRole("button", { name: "Add condition" }).click();
    await page.getByRole("combobox", { name: /Key/ }).fill("token.actions.githubusercontent.com:environment");
    await page.keyboard.press("Escape");
    await page.getByLabel("Value of condition 1").fill("prod");
    await accessible(page, "trusted entity, web identity");
    await next(page);
    await next(page);
    await page.getByLabel("Role name").fill("FromGitHub");
    await page.getByRole("button", { name: "Create role", exact: true }).click();
    await expect(page.getByText("Role FromGitHub created.")).toBeVisible();
    const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName: "FromGitHub" }));
    expect(JSON.parse(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).Statement).toEqual([
      {
        Effect: "Allow", Action: "sts:AssumeRoleWithWebIdentity", Principal: { Federated: arn },
        Condition: {
          StringEquals: { "token.actions.githubusercontent.com:aud": ["sts.amazonaws.com"], "token.actions.githubusercontent.com:environment": "prod" },
          StringLike: { "token.actions.githubusercontent.com:sub": ["repo:acme/shop:*"] },
        },
      },
    ]);

    await open(page, server, providerPage(arn));
    await page.getByRole("tab", { name: "Roles" }).click();
    await expect(page.getByRole("link", { name: "FromGitHub" })).toBeVisible();
    await accessible(page, "roles of a provider");
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("confirm");
    await accessible(page, "delete a provider");
    await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await expect(page.getByText("Identity provider token.actions.githubusercontent.com deleted.")).toBeVisible();
    expect((await aws.iam.send(new ListOpenIDConnectProvidersCommand({}))).OpenIDConnectProviderList!.map((p) => p.Arn)).not.toContain(arn);
    await open(page, server, providerPage(arn));
    await expect(page.getByText("There is no identity provider named token.actions.githubusercontent.com")).toBeVisible();
    await accessible(page, "no such provider");
  });

  test("a SAML provider: metadata, keys, encryption, and a role", async ({ page, server, aws }) => {
    const arn = `arn:aws:iam::${server.account}:saml-provider/Corp`;
    const get = () => aws.iam.send(new GetSAMLProviderCommand({ SAMLProviderArn: arn }));
    await open(page, server, "/identity-providers/create");
    const files = page.locator('input[type="file"]');
    await page.getByRole("button", { name: "Add provider" }).click();
    await expect(page.getByText("Enter a provider name.")).toBeVisible();
    await expect(page.getByText("Choose the metadata document.")).toBeVisible();
    await page.getByLabel("Provider name").fill("Corp");
    await files.first().setInputFiles(file("notes.xml", "<notes/>"));
    await expect(page.getByText(/This is no SAML metadata document/)).toBeVisible();
    await files.first().setInputFiles(file("metadata.xml", metadata));
    await files.nth(1).setInputFiles(file("key.pem", "no key"));
    await page.getByRole("checkbox", { name: "Require encrypted assertions" }).check();
    await page.getByRole("button", { name: "Add provider" }).click();
    await expect(page.getByText("Invalid private key.")).toBeVisible();
    await accessible(page, "add a SAML provider");
    await files.nth(1).setInputFiles(file("key.pem", idp.key));
    await page.getByRole("button", { name: "Add provider" }).click();
    await expect(page.getByRole("heading", { name: "Corp", level: 1 })).toBeVisible();
    await expect(page.getByText("Required", { exact: true })).toBeVisible();
    expect((await get()).AssertionEncryptionMode).toBe("Required");
    await expect(page.getByRole("group", { name: "Metadata document" })).toContainText("https://idp.example.com/metadata");
    await accessible(page, "a SAML provider");

    await page.getByRole("button", { name: "Replace metadata" }).click();
    const other = samlMetadata(idp, "login.example.com");
    await page.getByRole("dialog").locator('input[type="file"]').setInputFiles(file("new.xml", other));
    await accessible(page, "replace metadata");
    await page.getByRole("dialog").getByRole("button", { name: "Replace metadata" }).click();
    await expect(page.getByText("Metadata document replaced.")).toBeVisible();
    expect((await get()).SAMLMetadataDocument).toBe(other);

    await page.getByRole("tab", { name: "SAML encryption" }).click();
    await page.getByRole("button", { name: "Add private key" }).click();
    await page.getByRole("dialog").locator('input[type="file"]').setInputFiles(file("second.pem", identity("second.example.com").key));
    await page.getByRole("dialog").getByRole("button", { name: "Add private key" }).click();
    await expect(page.getByText("Private key added.")).toBeVisible();
    const keys = (await get()).PrivateKeyList!;
    expect(keys).toHaveLength(2);
    await expect(page.getByRole("button", { name: "Add private key" })).toHaveAttribute("aria-disabled", "true");
    await page.getByRole("radio", { name: `Select ${keys[0]!.KeyId}` }).check();
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await expect(page.getByText("Private key removed.")).toBeVisible();
    await page.getByRole("button", { name: "Encryption mode" }).click();
    await page.getByRole("radio", { name: "Allowed" }).check();
    await accessible(page, "encryption mode");
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("Encryption mode updated.")).toBeVisible();
    expect(await get()).toMatchObject({ AssertionEncryptionMode: "Allowed", PrivateKeyList: [{ KeyId: keys[1]!.KeyId }] });
    await page.mouse.move(0, 0); // off the button that tells why it is disabled
    await accessible(page, "SAML encryption");

    await page.getByRole("link", { name: "Assign role" }).click();
    await expect(page.getByRole("radio", { name: /SAML 2.0 federation/ })).toBeChecked();
    await accessible(page, "trusted entity, SAML");
    await next(page);
    await next(page);
    await page.getByLabel("Role name").fill("Employees");
    await page.getByRole("button", { name: "Create role", exact: true }).click();
    await expect(page.getByText("Role Employees created.")).toBeVisible();
    const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName: "Employees" }));
    expect(JSON.parse(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).Statement[0]).toEqual({
      Effect: "Allow", Action: "sts:AssumeRoleWithSAML", Principal: { Federated: arn },
      Condition: { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
    });
  });

  test("the list of both kinds: filter, deletion; and a provider that does not answer", async ({ page, server, aws }) => {
    await aws.iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://login.example.com/realms/a", ClientIDList: ["x"], ThumbprintList: [thumbprint] }));
    await aws.iam.send(new CreateSAMLProviderCommand({ Name: "Other", SAMLMetadataDocument: metadata }));
    await page.setViewportSize({ width: 390, height: 844 });
    await open(page, server, "/identity-providers");
    await expect(page.getByRole("link", { name: "login.example.com/realms/a" })).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false);
    await page.getByRole("searchbox").fill("other");
    await expect(page.getByRole("link", { name: "login.example.com/realms/a" })).toBeHidden();
    await page.getByRole("radio", { name: "Select Other" }).check();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("confirm");
    await page.keyboard.press("Enter");
    await expect(page.getByText("Identity provider Other deleted.")).toBeVisible();
    expect((await aws.iam.send(new ListSAMLProvidersCommand({}))).SAMLProviderList!.map((p) => p.Arn!.split("/")[1])).not.toContain("Other");

    await open(page, server, "/identity-providers/create");
    await page.getByRole("radio", { name: /OpenID Connect/ }).check();
    await page.getByLabel("Provider URL").fill("https://nobody.invalid");
    await page.getByLabel("Audience").fill("x");
    await page.getByRole("button", { name: "Add provider" }).click();
    await expect(page.getByText("The provider was not added")).toBeVisible();
    await page.setViewportSize({ width: 1280, height: 900 });
    await accessible(page, "add a provider, refused");
  });
});

test("who may only read is refused what it changes", async ({ page, server, aws }) => {
  await actAs(page, server, aws, "ProviderReader", ["iam:List*"]);
  await open(page, server, "/identity-providers/" + encodeURIComponent(`arn:aws:iam::${server.account}:saml-provider/Any`));
  await expect(page.getByText(/is not authorized to perform: iam:GetSAMLProvider/)).toBeVisible();
});
