import {
  CreateLoginProfileCommand, CreateUserCommand, GetLoginProfileCommand, ListMFADevicesCommand, ListVirtualMFADevicesCommand,
  
} from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { accessible, expect, open, signIn, test } from "./fixtures";
import { code, setUp, signInAnswer } from "./mfa";

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });

test("console access and MFA of a user are given and taken", async ({ page, server, aws }) => {
  const UserName = "Mia";
  await aws.iam.send(new CreateUserCommand({ UserName }));
  await signIn(page, server);
  await open(page, server, `/users/${UserName}/security-credentials`);
  await press(page, "Enable console access");
  await page.getByRole("radio", { name: "Custom password" }).check();
  await page.getByLabel("Password", { exact: true }).fill("Correct-Horse-8");
  await page.getByRole("checkbox", { name: /Users must create a new password/ }).uncheck();
  await accessible(page, "the dialog that enables console access");
  await dialog(page, "Enable console access").getByRole("button", { name: "Enable console access" }).click();
  await dialog(page, "Console password").getByRole("button", { name: "Close", exact: true }).last().click();
  const who = { type: "user", account: server.account, user: UserName, password: "Correct-Horse-8" };
  expect((await signInAnswer(server, who)).credentials).toBeDefined();

  await press(page, "Assign MFA device");
  await accessible(page, "the dialog that chooses an MFA device");
  await setUp(page, "phone");
  await page.getByLabel("MFA code 2").fill("12");
  await press(page, "Add MFA");
  await expect(page.getByText("Wait for the next six digits, then enter them.")).toBeVisible();
  await accessible(page, "the dialog that sets an MFA device up");
  await dialog(page, "Set up device").getByRole("button", { name: "Cancel" }).click();
  await expect.poll(async () => (await aws.iam.send(new ListVirtualMFADevicesCommand({}))).VirtualMFADevices).toEqual([]); // not left behind
  await press(page, "Assign MFA device");
  const seed = await setUp(page, "phone");
  await press(page, "Add MFA");
  await expect(page.getByText("MFA device assigned.")).toBeVisible();
  const serial = `arn:aws:iam::${server.account}:mfa/phone`;
  expect((await aws.iam.send(new ListMFADevicesCommand({ UserName }))).MFADevices?.map((d) => d.SerialNumber)).toEqual([serial]);
  expect((await signInAnswer(server, who)).next).toBe("mfa");
  await expect(page.getByText("Enabled with MFA")).toBeVisible();

  await page.getByRole("radio", { name: `Select ${serial}` }).check();
  await press(page, "Resync");
  await page.getByLabel("MFA code 1").fill(code(seed, 4));
  await page.getByLabel("MFA code 2").fill(code(seed, 5));
  await accessible(page, "the dialog that resynchronizes");
  await dialog(page, "Resync MFA device").getByRole("button", { name: "Resync", exact: true }).click();
  await expect(page.getByText("MFA device resynchronized.")).toBeVisible();
  await press(page, "Remove");
  await press(page, "Remove MFA");
  await expect(page.getByText("MFA device removed.")).toBeVisible();
  expect((await aws.iam.send(new ListVirtualMFADevicesCommand({}))).VirtualMFADevices).toEqual([]);

  await press(page, "Manage console access");
  await page.getByRole("radio", { name: "Disable console access" }).check();
  await press(page, "Disable access");
  await expect(page.getByText("Console access disabled.")).toBeVisible();
  expect(await aws.iam.send(new GetLoginProfileCommand({ UserName })).catch((e: Error) => e.name)).toMatch(/NoSuchEntity/);
});

test("a passkey is registered as MFA, and asked for", async ({ page, server, aws }) => {
  const UserName = "Pia";
  await aws.iam.send(new CreateUserCommand({ UserName }));
  await aws.iam.send(new CreateLoginProfileCommand({ UserName, Password: "Correct-Horse-8" }));
  const browser = await page.context().newCDPSession(page);
  await browser.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true } as const;
  await browser.send("WebAuthn.addVirtualAuthenticator", { options });
  await signIn(page, server);
  await open(page, server, `/users/${UserName}/security-credentials`);
  await press(page, "Assign MFA device");
  await page.getByLabel("Device name").fill("laptop");
  await page.getByRole("radio", { name: /Passkey or security key/ }).check();
  await press(page, "Next");
  await expect(page.getByText("MFA device assigned.")).toBeVisible();
  const [device] = (await aws.iam.send(new ListMFADevicesCommand({ UserName }))).MFADevices!;
  expect(device!.SerialNumber).toContain(`arn:aws:iam::${server.account}:u2f/user/Pia/laptop-`);
  await expect(page.getByRole("cell", { name: "Passkeys and security keys" })).toBeVisible();
  const who = { type: "user", account: server.account, user: UserName, password: "Correct-Horse-8" };
  expect(await signInAnswer(server, who)).toMatchObject({ next: "mfa", devices: [{ kind: "passkey" }] });
  await page.getByRole("radio", { name: `Select ${device!.SerialNumber}` }).check();
  await press(page, "Remove");
  await press(page, "Remove MFA");
  await expect(page.getByText("MFA device removed.")).toBeVisible();
  expect((await aws.iam.send(new ListMFADevicesCommand({ UserName }))).MFADevices).toEqual([]);
});
