import {
  AttachUserPolicyCommand, CreateAccountAliasCommand, CreateLoginProfileCommand, CreateUserCommand, CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand, ListMFADevicesCommand, UpdateAccountPasswordPolicyCommand,
} from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { accessible, clients, expect, open, picture, test, type Aws } from "./fixtures";
import { code } from "./mfa";
import { start, type Server } from "./server";

const word = "Bobs-Own-Passw0rd";
const wrong = "Your authentication information is incorrect. Please try again.";

/** A user who may sign in. */
async function person(aws: Aws, UserName: string, PasswordResetRequired = false): Promise<void> {
  await aws.iam.send(new CreateUserCommand({ UserName }));
  await aws.iam.send(new CreateLoginProfileCommand({ UserName, Password: word, PasswordResetRequired }));
}

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

async function asUser(page: Page, account: string, name: string, password = word): Promise<void> {
  await page.getByRole("radio", { name: "IAM user" }).check();
  await page.getByLabel("Account ID or alias").fill(account);
  await page.getByLabel("IAM user name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await button(page, "Sign in").click();
}

async function asRoot(page: Page, email: string, password: string): Promise<void> {
  await page.getByRole("radio", { name: "Root user" }).check();
  await page.getByLabel("Root user email address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await button(page, "Sign in").click();
}

async function signedIn(page: Page, name: string): Promise<void> {
  await expect(page.getByRole("heading", { name: "IAM Dashboard" })).toBeVisible();
  await expect(menu(page, name)).toBeVisible();
}

/** The menu of who is signed in: its name, and the account's. */
const menu = (page: Page, name: string) => page.getByRole("button", { name: `Account menu: ${name} @ ` });

async function signOut(page: Page, name: string): Promise<void> {
  await menu(page, name).click();
  await page.getByRole("menuitem", { name: "Sign out", exact: true }).click();
}

test("the root user signs in by e-mail address and password", async ({ page, server }) => {
  await open(page, server, "/");
  await expect(page).toHaveTitle("Sign in | iamd");
  await expect(button(page, "Create a new account")).toBeHidden();
  await accessible(page, "sign in as root");
  await picture(page, "sign-in");
  await button(page, "Sign in").click();
  await expect(page.getByText("Enter the email address.")).toBeVisible();
  await expect(page.getByText("Enter the password.")).toBeVisible();
  await page.getByRole("checkbox", { name: "Show password" }).check();
  await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("type", "text");
  await asRoot(page, server.email, server.password);
  await signedIn(page, server.email);
});

test("a user signs in by the account's number, with dashes, and by its alias, which is remembered", async ({ page, server, aws }) => {
  await person(aws, "Bob");
  await aws.iam.send(new CreateAccountAliasCommand({ AccountAlias: "example-corp" }));
  for (const name of [server.account, "1111-2222-3333", "example-corp"]) {
    await open(page, server, "/");
    await asUser(page, name, "Bob");
    await signedIn(page, "Bob");
    await signOut(page, "Bob");
    await expect(page.getByLabel("Account ID or alias")).toHaveValue(name.replaceAll(/-(?=\d)/g, ""));
  }
  await accessible(page, "sign in as a user");
  await page.goto(server.url + "/console/?account=another-corp");
  await expect(page.getByLabel("Account ID or alias")).toHaveValue("another-corp");
});

test("whatever is wrong is called wrong by the same text, and nothing is remembered of it", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "NoPassword" }));
  await open(page, server, "/");
  for (const [account, name, password] of [
    [server.account, "Nobody", word], [server.account, "NoPassword", word], ["999988887777", "Bob", word], ["no-such-alias", "Bob", word], [server.account, "Bob", "not Bob's"],
  ] as const) {
    await asUser(page, account, name, password);
    await expect(page.getByText(wrong)).toBeVisible();
    await expect(button(page, "Sign in")).toBeEnabled();
    await page.getByRole("radio", { name: "Root user" }).check(); // another form
  }
  for (const [email, password] of [[server.email, "not root's"], ["nobody@example.com", server.password]] as const) {
    await asRoot(page, email, password);
    await expect(page.getByText(wrong)).toBeVisible();
  }
  await accessible(page, "a wrong password");
  expect(await page.evaluate(() => [localStorage.getItem("iamd.account"), sessionStorage.length])).toEqual([null, 0]);
});

test("a password that must be changed is changed", async ({ page, server, aws }) => {
  await aws.iam.send(new UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 12, RequireSymbols: true, AllowUsersToChangePassword: false }));
  await person(aws, "New", true);
  await open(page, server, "/");
  await asUser(page, server.account, "New");
  await expect(page.getByText("You must change your password to continue.")).toBeVisible();
  await accessible(page, "change the password");
  const first = page.getByLabel("New password", { exact: true });
  const second = page.getByLabel("Retype new password", { exact: true });
  const send = button(page, "Confirm password change");
  await send.click();
  await expect(page.getByText("Enter a new password.")).toBeVisible();
  await first.fill("Another-Passw0rd");
  await send.click();
  await expect(page.getByText("The passwords do not match.")).toBeVisible();
  await second.fill("Another-Passw0rd");
  await send.click();
  await expect(page.getByText(/is not authorized to perform: iam:ChangePassword/)).toBeVisible();

  await aws.iam.send(new AttachUserPolicyCommand({ UserName: "New", PolicyArn: "arn:aws:iam::aws:policy/IAMUserChangePassword" }));
  for (const [weak, why] of [["short-1", /minimum|length|at least|policy/i], [word, "must be different"]] as const) {
    await first.fill(weak);
    await second.fill(weak);
    await send.click();
    await expect(page.getByText(why).last()).toBeVisible();
  }
  await accessible(page, "a password that is not accepted");
  await first.fill("Another-Passw0rd");
  await second.fill("Another-Passw0rd");
  await send.click();
  await signedIn(page, "New");
});

test("a password that has expired is changed, and one that only an administrator may change is not", async ({ page, server, aws }) => {
  await person(aws, "Old");
  // A day is the least that a password lasts: the server's words are given to the page.
  const said = [{ status: 200, json: { next: "password", reason: "expired" } }, { status: 403, json: { code: "PasswordExpired", message: "Your password has expired. Ask your administrator to set a new one." } }];
  await page.route("**/console/api/signin", (r) => r.fulfill(said.shift()!));
  await open(page, server, "/");
  await asUser(page, server.account, "Old");
  await expect(page.getByText("Your password has expired.")).toBeVisible();
  await button(page, "Cancel").click();
  await asUser(page, server.account, "Old");
  await expect(page.getByText("Ask your administrator to set a new one.")).toBeVisible();
});

test("a second factor by the codes of an app, one of two", async ({ page, server, aws }) => {
  await person(aws, "Carol");
  const seeds: string[] = [];
  for (const VirtualMFADeviceName of ["phone", "tablet"]) {
    const { VirtualMFADevice: d } = await aws.iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName }));
    const seed = Buffer.from(d!.Base32StringSeed!).toString();
    seeds.push(seed);
    await aws.iam.send(new EnableMFADeviceCommand({ UserName: "Carol", SerialNumber: d!.SerialNumber, AuthenticationCode1: code(seed, -2), AuthenticationCode2: code(seed, -1) }));
  }
  await open(page, server, "/");
  await asUser(page, server.account, "Carol");
  await expect(page.getByRole("heading", { name: "Additional verification required" })).toBeVisible();
  await expect(page.getByLabel("MFA code")).toBeFocused();
  await accessible(page, "the second factor");
  await page.getByLabel("MFA code").fill("12345");
  await button(page, "Submit").click();
  await expect(page.getByText("Enter the six digits that your device shows.")).toBeVisible();
  const right = code(seeds[1]!);
  await page.getByLabel("MFA code").fill(right === "000000" ? "000001" : "000000");
  await button(page, "Submit").click();
  await expect(page.getByText("Your MFA code or security key was not accepted. Please try again.")).toBeVisible();
  await page.getByLabel("MFA device").click();
  await page.getByRole("option", { name: /tablet/ }).click();
  await page.getByLabel("MFA code").fill(code(seeds[1]!));
  await page.keyboard.press("Enter");
  await signedIn(page, "Carol");
});

test("a passkey is registered, and is the second factor; a wrong one leaves the app's code", async ({ page, server, aws }) => {
  await person(aws, "Dave");
  await aws.iam.send(new AttachUserPolicyCommand({ UserName: "Dave", PolicyArn: "arn:aws:iam::aws:policy/IAMFullAccess" }));
  const { VirtualMFADevice: d } = await aws.iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: "daves-phone" }));
  const seed = Buffer.from(d!.Base32StringSeed!).toString();
  const browser = await page.context().newCDPSession(page);
  await browser.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } as const;
  const { authenticatorId } = await browser.send("WebAuthn.addVirtualAuthenticator", { options });

  await open(page, server, "/");
  await asUser(page, server.account, "Dave");
  await signedIn(page, "Dave");
  await open(page, server, "/security-credentials");
  await button(page, "Assign MFA device").click();
  await page.getByLabel("Device name").fill("daves-key");
  await page.getByRole("radio", { name: "Passkey or security key" }).check();
  await button(page, "Next").click();
  await expect(page.getByRole("cell", { name: /u2f|daves-key/ }).first()).toBeVisible();
  const { MFADevices } = await aws.iam.send(new ListMFADevicesCommand({ UserName: "Dave" }));
  expect(MFADevices!.map((m) => m.SerialNumber)).toEqual([expect.stringContaining(":u2f/user/Dave/daves-key")]);
  await aws.iam.send(new EnableMFADeviceCommand({ UserName: "Dave", SerialNumber: d!.SerialNumber, AuthenticationCode1: code(seed, -2), AuthenticationCode2: code(seed, -1) }));

  await signOut(page, "Dave");
  await asUser(page, server.account, "Dave");
  await accessible(page, "passkey or code");
  await button(page, "Use a passkey or security key").click();
  await expect(menu(page, "Dave")).toBeVisible();

  // An answer that does not hold, then the app's code.
  await signOut(page, "Dave");
  await asUser(page, server.account, "Dave");
  await page.route("**/console/api/signin", async (r) => {
    const sent = r.request().postDataJSON();
    sent.passkey.credential.response.signature = "AAAA";
    await r.continue({ postData: JSON.stringify(sent) });
  }, { times: 1 });
  await button(page, "Use a passkey or security key").click();
  await expect(page.getByText("Your MFA code or security key was not accepted. Please try again.")).toBeVisible();
  await browser.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await page.getByLabel("MFA code").fill(code(seed));
  await button(page, "Submit").click();
  await expect(menu(page, "Dave")).toBeVisible();
});

test("who guesses too often is told to wait", async ({ page, server, aws }) => {
  await person(aws, "Guessed");
  await open(page, server, "/");
  for (let i = 0; i < 6; i++) {
    await asUser(page, server.account, "Guessed", "guess " + i);
    await expect(page.getByText(i < 5 ? wrong : "There were too many attempts. Please wait a few minutes, and try again.")).toBeVisible();
    await page.reload();
  }
  await asUser(page, server.account, "Guessed"); // also with the right one
  await expect(page.getByText("There were too many attempts.")).toBeVisible();
  await accessible(page, "too many tries");
});

test("by keyboard alone, at 390 pixels", async ({ page, server, aws }) => {
  await person(aws, "Erin", true);
  await aws.iam.send(new AttachUserPolicyCommand({ UserName: "Erin", PolicyArn: "arn:aws:iam::aws:policy/IAMUserChangePassword" }));
  await page.setViewportSize({ width: 390, height: 800 });
  await open(page, server, "/");
  await expect(button(page, "Sign in")).toBeVisible();
  const fits = async () => expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await fits();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("radio", { name: "Root user" })).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("radio", { name: "IAM user" })).toBeFocused();
  for (const text of [server.account, "Erin", word]) {
    await page.keyboard.press("Tab");
    await page.keyboard.type(text);
  }
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("New password", { exact: true })).toBeFocused();
  await fits();
  await page.keyboard.type("Erins-Own-Passw0rd");
  await page.keyboard.press("Tab"); // shows the password
  await page.keyboard.press("Tab");
  await page.keyboard.type("Erins-Own-Passw0rd");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "IAM Dashboard" })).toBeVisible();
  await fits();
});

test("signing up is not there unless the operator opens it", async ({ page, server }) => {
  await open(page, server, "/signup");
  await expect(button(page, "Sign in")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Sign up" })).toBeHidden();
  const r = await page.request.post(server.url + "/console/api/signup", { data: { email: "a@example.com", password: "Passw0rd-Passw0rd", accountName: "A" } });
  expect([r.status(), (await r.json()).code]).toEqual([403, "SignUpDisabled"]);
});

test.describe("signing up", () => {
  let own: Server;
  test.beforeAll(async () => {
    own = await start({ config: "console: {sign_up: true}\n" });
  });
  test.afterAll(() => own.stop());

  test("makes an account, whose root user is signed in", async ({ page }) => {
    await open(page, own, "/");
    await button(page, "Create a new account").click();
    await expect(page.getByRole("heading", { name: "Sign up" })).toBeVisible();
    await accessible(page, "sign up");
    await button(page, "Create account").click();
    for (const fault of ["Enter an email address.", "Enter a name for the account.", "A root user's password has 8 characters at least."]) {
      await expect(page.getByText(fault)).toBeVisible();
    }
    await page.getByLabel("Account name").fill("New corp");
    await page.getByLabel("Root user password", { exact: true }).fill("Root-Passw0rd-9");
    await page.getByLabel("Confirm root user password", { exact: true }).fill("Root-Passw0rd-8");
    await page.getByLabel("Root user email address").fill(own.email); // taken
    await button(page, "Create account").click();
    await expect(page.getByText("The passwords do not match.")).toBeVisible();
    await page.getByLabel("Confirm root user password", { exact: true }).fill("Root-Passw0rd-9");
    await button(page, "Create account").click();
    await expect(page.getByRole("alert").or(page.getByText(/exist|taken|already/i)).first()).toBeVisible();
    await accessible(page, "sign up refused");
    await page.getByLabel("Root user email address").fill("new@example.com");
    await button(page, "Create account").click();
    await expect(page.getByRole("heading", { name: "IAM Dashboard" })).toBeVisible();
    const session = await page.evaluate(() => JSON.parse(sessionStorage.getItem("iamd.sessions")!).sessions[0]);
    expect(session.principal.type).toBe("root");
    expect(session.account.id).not.toBe(own.account);
    const its = clients(own, { ...session.keys, expiration: undefined });
    await its.iam.send(new CreateUserCommand({ UserName: "First" }));

    // By the words it was made with, once more.
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    await asRoot(page, "new@example.com", "Root-Passw0rd-9");
    await expect(page.getByRole("heading", { name: "IAM Dashboard" })).toBeVisible();
  });
});
