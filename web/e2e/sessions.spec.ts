import {
  AttachRolePolicyCommand, AttachUserPolicyCommand, CreateLoginProfileCommand, CreateRoleCommand, CreateUserCommand, DeleteLoginProfileCommand,
} from "@aws-sdk/client-iam";
import { CreateAccountCommand, CreateOrganizationCommand, DescribeCreateAccountStatusCommand } from "@aws-sdk/client-organizations";
import type { Page } from "@playwright/test";
import { accessible, expect, open, signIn, test, type Aws } from "./fixtures";
import type { Server } from "./server";

const word = "Bobs-Own-Passw0rd";
const admin = "arn:aws:iam::aws:policy/AdministratorAccess";

async function person(aws: Aws, server: Server, UserName: string): Promise<{ type: string; account: string; user: string; password: string }> {
  await aws.iam.send(new CreateUserCommand({ UserName }));
  await aws.iam.send(new CreateLoginProfileCommand({ UserName, Password: word }));
  await aws.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: admin }));
  return { type: "user", account: server.account, user: UserName, password: word };
}

const menu = (page: Page, name = "") => page.getByRole("button", { name: `Account menu: ${name}` });
const form = (page: Page) => page.getByRole("button", { name: "Sign in", exact: true });

async function choose(page: Page, item: string | RegExp): Promise<void> {
  await menu(page).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

async function type(page: Page, who: { account: string; user: string; password: string }): Promise<void> {
  await page.getByRole("radio", { name: "IAM user" }).check();
  await page.getByLabel("Account ID or alias").fill(who.account);
  await page.getByLabel("IAM user name").fill(who.user);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await form(page).click();
}

/** What the tab keeps of sessions. */
interface Kept {
  sessions: { keys: { accessKeyId: string; secretAccessKey: string; sessionToken: string; expiration: string }; ends: string }[];
}
const kept = (page: Page) => page.evaluate(() => JSON.parse(sessionStorage.getItem("iamd.sessions") ?? "null") as Kept | null);

async function change(page: Page, how: (kept: Kept) => void): Promise<void> {
  const now = (await kept(page))!;
  how(now);
  await page.evaluate((text) => sessionStorage.setItem("iamd.sessions", text), JSON.stringify(now));
  await page.reload();
}

/** All that this browser stores beyond the tab. */
const stored = (page: Page) => page.evaluate(async () => JSON.stringify([{ ...localStorage }, document.cookie, await caches.keys(), await indexedDB.databases()]));

test("sign-out forgets the keys, and going back shows the sign-in page", async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, "/users");
  await expect(page.getByRole("heading", { name: "Users", level: 1 })).toBeVisible();
  const { keys } = (await kept(page))!.sessions[0]!;
  await page.reload(); // keeps the session
  await expect(page.getByRole("heading", { name: "Users", level: 1 })).toBeVisible();
  for (const secret of [keys.secretAccessKey, keys.sessionToken, keys.accessKeyId]) expect(await stored(page)).not.toContain(secret);
  expect(await page.context().cookies()).toEqual([]);
  await open(page, server, "/groups");
  await choose(page, "Sign out");
  await expect(form(page)).toBeVisible();
  expect(await kept(page)).toBeNull();
  await page.goBack();
  await expect(form(page)).toBeVisible();
  await page.reload();
  await expect(form(page)).toBeVisible();
  await expect(page.getByRole("heading", { name: "Users", level: 1 })).toBeHidden();
});

test("a page that is opened signed out is shown after signing in", async ({ page, server, aws }) => {
  const who = await person(aws, server, "Deep");
  await open(page, server, "/policies/" + encodeURIComponent(admin));
  await type(page, who);
  await expect(page.getByRole("heading", { name: "AdministratorAccess" })).toBeVisible();
});

test("several sessions: add one, go to and fro, sign out of one and of all", async ({ page, server, aws }) => {
  const who = await person(aws, server, "Second");
  await signIn(page, server);
  await open(page, server, "/users");
  await menu(page, "root").click();
  await accessible(page, "the account menu");
  await page.keyboard.press("Escape");
  await choose(page, "Add session");
  await expect(page.getByRole("link", { name: "Back to the console" })).toBeVisible();
  await accessible(page, "add a session");
  await type(page, who);
  await expect(menu(page, "Second @")).toBeVisible();
  await expect(page.getByText(`arn:aws:iam::${server.account}:user/Second`).first()).toBeVisible();
  await choose(page, /^root.* @/);
  await expect(menu(page, "root")).toBeVisible();
  await expect(page.getByText(`arn:aws:iam::${server.account}:root`).first()).toBeVisible();
  await choose(page, /^Second @/);
  await choose(page, "Sign out");
  await expect(menu(page, "root")).toBeVisible();
  expect((await kept(page))!.sessions).toHaveLength(1);
  await choose(page, "Add session");
  await type(page, who);
  await expect(menu(page, "Second @")).toBeVisible();
  await choose(page, "Sign out from all sessions");
  await expect(form(page)).toBeVisible();
  expect(await kept(page)).toBeNull();
});

test("a role of this account is taken, and given back", async ({ page, server, aws }) => {
  const who = await person(aws, server, "Switcher");
  const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: server.account }, Action: "sts:AssumeRole" }] };
  await aws.iam.send(new CreateRoleCommand({ RoleName: "Auditor", Path: "/duty/", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await aws.iam.send(new AttachRolePolicyCommand({ RoleName: "Auditor", PolicyArn: "arn:aws:iam::aws:policy/SecurityAudit" }));
  await signIn(page, server, who);
  await open(page, server, "/");
  await choose(page, "Switch role");
  const send = page.getByRole("button", { name: "Switch role", exact: true });
  await send.click();
  await expect(page.getByText("Enter an account ID: 12 digits.")).toBeVisible();
  await page.getByLabel("Account ID").fill("corp");
  await expect(page.getByText("Enter the account's 12-digit number, not its alias.")).toBeVisible();
  await accessible(page, "switch role");
  await page.getByLabel("Account ID").fill(server.account);
  await page.getByLabel("IAM role name").fill("NoSuchRole");
  await send.click();
  await expect(page.getByText("The role could not be assumed")).toBeVisible();
  await accessible(page, "switch role refused");
  await page.getByLabel("IAM role name").fill("duty/Auditor");
  await page.getByLabel(/Display name/).fill("audits");
  await send.click();
  await expect(menu(page, "audits @")).toBeVisible();
  await expect(page.getByText(`arn:aws:sts::${server.account}:assumed-role/Auditor/Switcher`).first()).toBeVisible();
  await choose(page, /^Switch back to Switcher @/);
  await expect(menu(page, "Switcher @")).toBeVisible();
  expect((await kept(page))!.sessions).toHaveLength(1);

  // By the link that a role's page gives, signed out; then signing out of the
  // session that took the role ends the role's too.
  await choose(page, "Sign out");
  await page.goto(`${server.url}/console/?roleName=duty%2FAuditor&account=${server.account}#/switch-role`);
  await type(page, who);
  await expect(page.getByLabel("IAM role name")).toHaveValue("duty/Auditor");
  await send.click();
  await expect(menu(page, "Auditor/Switcher @")).toBeVisible();
  await choose(page, /^Switcher @/);
  await choose(page, "Sign out");
  await expect(form(page)).toBeVisible();
});

test("the role of an organization's new account is taken by its link", async ({ page, server, aws }) => {
  const who = await person(aws, server, "Manager");
  await aws.organizations.send(new CreateOrganizationCommand({ FeatureSet: "ALL" }));
  const { CreateAccountStatus: made } = await aws.organizations.send(new CreateAccountCommand({ AccountName: "Sandbox", Email: "sandbox@example.com" }));
  const state = async () => (await aws.organizations.send(new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: made!.Id }))).CreateAccountStatus!;
  await expect.poll(async () => (await state()).State).toBe("SUCCEEDED");
  const account = (await state()).AccountId!;
  await signIn(page, server, who);
  await open(page, server, `/organizations/targets/${account}`);
  await page.getByRole("link", { name: /OrganizationAccountAccessRole/ }).click();
  await expect(page.getByLabel("Account ID")).toHaveValue(account);
  await page.getByRole("button", { name: "Switch role", exact: true }).click();
  await expect(menu(page, "Sandbox @")).toBeVisible();
  await expect(page.getByText(`arn:aws:sts::${account}:assumed-role/OrganizationAccountAccessRole/Manager`).first()).toBeVisible();
  await expect(page.getByRole("link", { name: /^User groups: \d/ })).toBeVisible();
  // Its keys are taken anew when they end.
  await change(page, (k) => (k.sessions[1]!.keys.expiration = new Date(Date.now() + 60_000).toISOString()));
  await expect(page.getByRole("link", { name: /^User groups: \d/ })).toBeVisible();
  expect(Date.parse((await kept(page))!.sessions[1]!.keys.expiration)).toBeGreaterThan(Date.now() + 30 * 60_000);
});

test("keys are renewed once before they end, however many calls there are; one that fails does no harm while they are good", async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, "/");
  await expect(page.getByRole("link", { name: /^User groups: \d/ })).toBeVisible();
  const renewals: number[] = [];
  page.on("response", (r) => r.url().endsWith("/console/api/renew") && renewals.push(r.status()));
  await page.route("**/console/api/renew", (r) => r.fulfill({ status: 503, json: { code: "ServiceUnavailable", message: "Later." } }));
  const soon = (k: Kept) => (k.sessions[0]!.keys.expiration = new Date(Date.now() + 60_000).toISOString());
  await change(page, soon);
  await expect(page.getByRole("link", { name: /^User groups: \d/ })).toBeVisible();
  expect(new Set(renewals)).toEqual(new Set([503]));
  await page.unroute("**/console/api/renew");

  renewals.length = 0;
  const before = (await kept(page))!.sessions[0]!.keys;
  await change(page, soon);
  await expect(page.getByRole("link", { name: /^User groups: \d/ })).toBeVisible();
  expect(renewals).toEqual([200]);
  const after = (await kept(page))!.sessions[0]!.keys;
  expect(after.accessKeyId).not.toBe(before.accessKeyId);
  expect(Date.parse(after.expiration)).toBeGreaterThan(Date.now() + 30 * 60_000);
});

test("a session that is over leads to the sign-in page, which says why", async ({ page, server, aws }) => {
  const who = await person(aws, server, "Leaver");
  await signIn(page, server, who);
  await open(page, server, "/groups");
  await expect(page.getByRole("heading", { name: "User groups", level: 1 })).toBeVisible();
  await aws.iam.send(new DeleteLoginProfileCommand({ UserName: "Leaver" }));
  await open(page, server, "/roles");
  await expect(page.getByText("The session has ended")).toBeVisible();
  await expect(form(page)).toBeVisible();
  await accessible(page, "the session is over");
  expect(await kept(page)).toBeNull();
});

test("of two sessions, one that is over leaves the other, and words about it", async ({ page, server, aws }) => {
  const who = await person(aws, server, "Leaver2");
  await signIn(page, server);
  await open(page, server, "/signin");
  await type(page, who);
  await expect(menu(page, "Leaver2 @")).toBeVisible();
  await aws.iam.send(new DeleteLoginProfileCommand({ UserName: "Leaver2" }));
  await open(page, server, "/roles");
  await expect(menu(page, "root")).toBeVisible();
  await expect(page.getByText(/Leaver2 @ .*: The session has ended/)).toBeVisible();
});

test("twelve hours after signing in, or with keys that are no keys, one signs in again", async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, "/");
  await expect(menu(page)).toBeVisible();
  await change(page, (k) => (k.sessions[0]!.ends = new Date(Date.now() - 1000).toISOString()));
  await expect(form(page)).toBeVisible();
  for (const text of ["{", "null", '{"sessions":[{}]}', '{"sessions":{}}', '{"sessions":[{"ends":"2999-01-01T00:00:00Z"}],"current":"x"}']) {
    await page.evaluate((t) => sessionStorage.setItem("iamd.sessions", t), text);
    await page.reload();
    await expect(form(page), text).toBeVisible();
  }
});

test("a clock that is hours off does no harm", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "Fast" }));
  await page.clock.install({ time: Date.now() + 3 * 3600_000 });
  await signIn(page, server);
  await open(page, server, "/users");
  await expect(page.getByRole("heading", { name: "Users", level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: "Fast", exact: true })).toBeVisible();
  await open(page, server, "/applications");
  await expect(page.getByRole("heading", { name: "Applications", level: 1 })).toBeVisible();
  await expect(page.getByText("That did not work")).toBeHidden();
});

test("keys are renewed in time by a clock that is hours slow", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "Slow" }));
  await page.clock.install({ time: Date.now() - 3 * 3600_000 });
  await signIn(page, server);
  await open(page, server, "/");
  await expect(menu(page)).toBeVisible();
  const renewals: number[] = [];
  page.on("response", (r) => r.url().endsWith("/console/api/renew") && renewals.push(r.status()));
  await change(page, (k) => (k.sessions[0]!.keys.expiration = new Date(Date.now() + 60_000).toISOString()));
  await expect(page.getByRole("link", { name: /^User groups: / })).toBeVisible();
  await open(page, server, "/users");
  await expect(page.getByRole("link", { name: "Slow", exact: true })).toBeVisible();
  expect(renewals).toEqual([200]);
});

test("a new tab is signed in by the other one, and signed out with it", async ({ page, server, aws }) => {
  const who = await person(aws, server, "Tabs");
  await signIn(page, server);
  await open(page, server, "/");
  await expect(menu(page, "root")).toBeVisible();
  const second = await page.context().newPage();
  await open(second, server, "/users");
  await expect(second.getByRole("heading", { name: "Users", level: 1 })).toBeVisible();
  await expect(menu(second, "root")).toBeVisible();
  // What one tab adds is its own; what one signs out of is gone everywhere.
  await choose(second, "Add session");
  await type(second, who);
  await expect(menu(second, "Tabs @")).toBeVisible();
  expect((await kept(page))!.sessions).toHaveLength(1);
  await choose(second, /^root.* @/);
  await choose(second, "Sign out");
  await expect(menu(second, "Tabs @")).toBeVisible();
  await expect(form(page)).toBeVisible();
  await expect(page.getByText("You signed out in another tab.")).toBeVisible();
  expect(await kept(page)).toBeNull();
  await second.close();
  await page.reload();
  await expect(form(page)).toBeVisible(); // nobody is left who could tell
});

test("another browser is told nothing", async ({ page, server, browser }) => {
  await signIn(page, server);
  await open(page, server, "/");
  await expect(menu(page, "root")).toBeVisible();
  const other = await (await browser.newContext()).newPage();
  await other.goto(server.url + "/console/api/about"); // of the origin, without the app
  const told = await other.evaluate(async () => {
    const heard: unknown[] = [];
    const channel = new BroadcastChannel("iamd.sessions");
    channel.onmessage = (e) => heard.push(e.data);
    channel.postMessage({ ask: "x" });
    await new Promise((r) => setTimeout(r, 500));
    return heard;
  });
  expect(told).toEqual([]);
  await other.context().close();
});
