import {
  AttachUserPolicyCommand, CreatePolicyCommand, CreatePolicyVersionCommand, CreateUserCommand, GetPolicyCommand, GetPolicyVersionCommand,
  ListEntitiesForPolicyCommand, ListPoliciesCommand, ListPolicyVersionsCommand, CreateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { accessible, expect, open, signIn, test, type Aws } from "./fixtures";

const invoke = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*"}]}';
const listBuckets = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}';

async function make(aws: Aws, PolicyName: string, document = listBuckets): Promise<string> {
  return (await aws.iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: document }))).Policy!.Arn!;
}

/** Puts a text into the JSON editor, as one pastes it. */
async function paste(page: Page, text: string): Promise<void> {
  await page.getByRole("button", { name: "JSON", exact: true }).click();
  await page.locator(".ace_text-input").focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(text);
}

function next(page: Page) {
  return page.getByRole("button", { name: "Next", exact: true });
}

function policyPage(arn: string): string {
  return "/policies/" + encodeURIComponent(arn);
}

test.beforeEach(async ({ page, server }) => signIn(page, server));

test("a policy is created from pasted JSON", async ({ page, server, aws }) => {
  await open(page, server, "/policies");
  await page.getByRole("link", { name: "Create policy" }).click();
  await expect(page.getByRole("heading", { name: "Specify permissions" })).toBeVisible();
  await paste(page, invoke);
  await accessible(page, "Create policy, specify permissions");
  await next(page).click();
  await page.getByLabel("Policy name").fill("SPAPI");
  await page.getByLabel("Description").fill("May call the Selling Partner API");
  await page.getByRole("button", { name: "Add new tag" }).click();
  await page.getByLabel("Key of tag 1").fill("team");
  await page.getByLabel("Value of tag 1").fill("sellers");
  await expect(page.getByText("Allow (1 of")).toBeVisible();
  await accessible(page, "Create policy, review");
  await page.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByText("Policy SPAPI created.")).toBeVisible();
  const arn = `arn:aws:iam::${server.account}:policy/SPAPI`;
  const { Policy } = await aws.iam.send(new GetPolicyCommand({ PolicyArn: arn }));
  expect(Policy?.Description).toBe("May call the Selling Partner API");
  expect(Policy?.Tags).toEqual([{ Key: "team", Value: "sellers" }]);
  const { PolicyVersion } = await aws.iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: "v1" }));
  expect(JSON.parse(decodeURIComponent(PolicyVersion!.Document!))).toEqual(JSON.parse(invoke));
  await page.getByRole("link", { name: "View policy" }).click();
  await expect(page.getByRole("heading", { name: "SPAPI" })).toBeVisible();
});

test("a policy with an error is not saved, and the page says why", async ({ page, server, aws }) => {
  await open(page, server, "/policies/create");
  await next(page).click(); // nothing was written yet
  await expect(page.getByText("The policy has no permissions yet.").first()).toBeVisible();
  await expect(page.getByText("Select a service, then its actions.")).toBeVisible();
  const lacking = (more: object) => JSON.stringify({ Version: "2012-10-17", Statement: [JSON.parse(listBuckets).Statement[0], { Sid: "Half", Effect: "Allow", ...more }] });
  await paste(page, lacking({ Action: ["iam:GetUser"], Resource: [] }));
  await expect(page.locator("[aria-busy=true]").getByRole("tab", { name: /^Errors/ })).toBeVisible(); // of the text before
  await next(page).click();
  await expect(page.getByText("Statement 2 (Half) has no resources.").first()).toBeVisible();
  await page.getByRole("button", { name: "Visual", exact: true }).click();
  await expect(page.getByText("Choose all resources, or add an ARN.")).toBeVisible();
  await accessible(page, "a statement without resources");
  await page.getByRole("radio", { name: "All", exact: true }).last().check();
  await expect(page.getByText("Choose all resources, or add an ARN.")).toBeHidden();
  await paste(page, lacking({ NotAction: [], Resource: "*" }));
  await next(page).click();
  await expect(page.getByText("Statement 2 (Half) has no actions.").first()).toBeVisible();
  await paste(page, '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:NoSuchThing","Resource":"*"}]}');
  await next(page).click();
  await expect(page.getByText(/Ln 1, Col \d+: .*s3:NoSuchThing/).first()).toBeVisible();
  await paste(page, '{"Version":');
  await next(page).click();
  await expect(page.getByText(/^Ln 1, Col 12: /).first()).toBeVisible();
  // A warning does not stop anybody; a name that is taken is the server's to refuse.
  await make(aws, "Taken");
  await paste(page, '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}]}');
  await next(page).click();
  await page.getByLabel("Policy name").fill("bad name");
  await page.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByText("Use alphanumeric and '+=,.@-_' characters.", { exact: true }).first()).toBeVisible();
  await page.getByLabel("Policy name").fill("Taken");
  await page.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByText("EntityAlreadyExists")).toBeVisible();
});

test("AWS's policies are listed, filtered, opened and imported", async ({ page, server, aws }) => {
  await make(aws, "Own-ReadOnly");
  await open(page, server, "/policies");
  await expect(page.getByRole("link", { name: "AccessAnalyzerServiceRolePolicy", exact: true })).toBeVisible();
  await accessible(page, "Policies");
  await page.getByRole("button", { name: /^Policy name/ }).press("Enter"); // the other way round
  await expect(page.getByRole("link", { name: "AccessAnalyzerServiceRolePolicy", exact: true })).toBeHidden();
  await page.getByRole("button", { name: /Filter by Type/ }).click();
  await page.getByRole("option", { name: "Customer managed" }).click();
  await expect(page.getByRole("link", { name: "Own-ReadOnly" })).toBeVisible();
  await expect(page.getByRole("link", { name: "AccessAnalyzerServiceRolePolicy" })).toBeHidden();
  await page.getByRole("button", { name: /Filter by Type/ }).click();
  await page.getByRole("option", { name: "All types" }).click();
  await page.getByRole("searchbox", { name: "Search policies" }).fill("PowerUser");
  await expect(page.getByText("7 matches").first()).toBeVisible();
  await page.getByRole("button", { name: "Show the document of PowerUserAccess" }).click();
  await expect(page.getByRole("group", { name: "PowerUserAccess" })).toContainText("NotAction");
  await page.getByRole("link", { name: "PowerUserAccess" }).click();
  await expect(page.getByText("Allow (")).toBeVisible();
  await expect(page.getByRole("link", { name: "Edit" })).toBeHidden();
  await accessible(page, "an AWS managed policy");

  await open(page, server, "/policies/create");
  await page.getByRole("button", { name: "Import policy" }).click();
  const dialog = page.getByRole("dialog", { name: "Import policy" });
  await dialog.getByRole("searchbox").fill("AmazonS3ReadOnlyAccess");
  await dialog.getByRole("radio", { name: "Select AmazonS3ReadOnlyAccess" }).check();
  await accessible(page, "the dialog Import policy");
  await dialog.getByRole("button", { name: "Import policy" }).click();
  await expect(dialog).toBeHidden();
  await next(page).click();
  await page.getByLabel("Policy name").fill("ImportedRead");
  await page.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByText("Policy ImportedRead created.")).toBeVisible();
  const of = async (arn: string, v: string) => decodeURIComponent((await aws.iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: v }))).PolicyVersion!.Document!);
  const original = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
  const version = (await aws.iam.send(new GetPolicyCommand({ PolicyArn: original }))).Policy!.DefaultVersionId!;
  expect(JSON.parse(await of(`arn:aws:iam::${server.account}:policy/ImportedRead`, "v1"))).toEqual(JSON.parse(await of(original, version)));
});

test("versions: edit, compare, default, delete, and room for the sixth", async ({ page, server, aws }) => {
  const arn = await make(aws, "Versioned");
  const versions = async () => (await aws.iam.send(new ListPolicyVersionsCommand({ PolicyArn: arn }))).Versions!.map((v) => v.VersionId + (v.IsDefaultVersion ? "*" : "")).sort();
  await open(page, server, policyPage(arn));
  await page.getByRole("link", { name: "Edit" }).click();
  await paste(page, listBuckets.replace("s3:ListAllMyBuckets", "s3:GetObject"));
  await next(page).click();
  await expect(page.getByText("1 line added, 1 removed.")).toBeVisible();
  await accessible(page, "Edit policy, review");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Version 2 of Versioned created and set as the default.")).toBeVisible();
  expect(await versions()).toEqual(["v1", "v2*"]);

  await page.getByRole("tab", { name: "Policy versions" }).click();
  await expect(page.getByText("1 line added, 1 removed.")).toBeVisible();
  await page.getByRole("checkbox", { name: "Select Version 1" }).check();
  await accessible(page, "Policy versions");
  await page.getByRole("button", { name: "Set as default" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Set as default" }).click();
  await expect(page.getByText("Version 1 is the default version.")).toBeVisible();
  expect(await versions()).toEqual(["v1*", "v2"]);
  await page.getByRole("checkbox", { name: "Select Version 2" }).check();
  await page.getByRole("button", { name: "Delete", exact: true }).last().click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("Version 2 deleted.")).toBeVisible();
  expect(await versions()).toEqual(["v1*"]);

  for (let n = 0; n < 4; n++) await aws.iam.send(new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument: listBuckets, SetAsDefault: false }));
  await open(page, server, policyPage(arn) + "/edit");
  await paste(page, invoke);
  await next(page).click();
  await expect(page.getByText("This policy has 5 versions, the most that it can have")).toBeVisible();
  await accessible(page, "Edit policy with five versions");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("created and set as the default")).toBeVisible();
  expect(await versions()).toEqual(["v1", "v4", "v5", "v6", "v7*"]);
});

test("a policy is attached, is a boundary, is detached, and deleted", async ({ page, server, aws }) => {
  const arn = await make(aws, "Doomed");
  for (const UserName of ["dora", "dirk"]) await aws.iam.send(new CreateUserCommand({ UserName }));
  const entities = async () => (await aws.iam.send(new ListEntitiesForPolicyCommand({ PolicyArn: arn }))).PolicyUsers!.map((u) => u.UserName).sort();
  await open(page, server, policyPage(arn));
  await page.getByRole("tab", { name: "Entities attached" }).click();
  await accessible(page, "Entities attached");
  await page.getByRole("link", { name: "Attach", exact: true }).click();
  await page.getByRole("checkbox", { name: "Select user dora" }).check();
  await page.getByRole("checkbox", { name: "Select user dirk" }).check();
  await accessible(page, "Attach as a permissions policy");
  await page.getByRole("button", { name: "Attach policy" }).click();
  await expect(page.getByText("Doomed attached to 2 entities.")).toBeVisible();
  expect(await entities()).toEqual(["dirk", "dora"]);
  await page.getByRole("tab", { name: "Entities attached" }).click();
  await page.getByRole("checkbox", { name: "Select user dirk" }).check();
  await page.getByRole("button", { name: "Detach" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Detach" }).click();
  await expect(page.getByText("Doomed detached from user dirk.")).toBeVisible();
  expect(await entities()).toEqual(["dora"]);

  await page.getByRole("link", { name: "Set as boundary" }).click();
  await page.getByRole("checkbox", { name: "Select user dirk" }).check();
  await page.getByRole("button", { name: "Set as boundary" }).click();
  await expect(page.getByText("Doomed set as the boundary of user dirk.")).toBeVisible();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Delete Doomed?" });
  await expect(dialog.getByText("permissions boundary of user dirk")).toBeVisible();
  await accessible(page, "the dialog Delete policy");
  await dialog.getByRole("textbox").fill("Doomed");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(dialog.getByText("Remove the boundary there first.")).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();

  await page.getByRole("tab", { name: "Entities attached" }).click();
  await page.getByRole("checkbox", { name: "Select user dirk" }).check();
  await page.getByRole("button", { name: "Remove boundary" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove boundary" }).click();
  await expect(page.getByText("no longer the boundary of user dirk")).toBeVisible();

  await open(page, server, "/policies");
  await page.getByRole("searchbox", { name: "Search policies" }).fill("Doomed");
  await page.getByRole("radio", { name: "Select Doomed" }).check();
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(dialog.getByText("detached from user dora")).toBeVisible();
  await dialog.getByRole("textbox").fill("Doomed");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("Policy Doomed deleted.")).toBeVisible();
  const { Policies } = await aws.iam.send(new ListPoliciesCommand({ Scope: "Local" }));
  expect(Policies!.map((p) => p.PolicyName)).not.toContain("Doomed");
  await open(page, server, policyPage(arn));
  await expect(page.getByText("There is no policy named Doomed")).toBeVisible();
  await accessible(page, "a policy that is not there");
});

test("a user who may only look sees why the rest is refused", async ({ page, server, aws }) => {
  const arn = await make(aws, "Looked-at");
  await aws.iam.send(new CreateUserCommand({ UserName: "looker" }));
  await aws.iam.send(new AttachUserPolicyCommand({ UserName: "looker", PolicyArn: "arn:aws:iam::aws:policy/IAMReadOnlyAccess" }));
  const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName: "looker" }));
  const session = {
    id: "looker", ends: "2099-01-01T00:00:00Z", account: { id: server.account },
    keys: { accessKeyId: AccessKey!.AccessKeyId, secretAccessKey: AccessKey!.SecretAccessKey, expiration: "2099-01-01T00:00:00Z" },
    principal: { type: "user", name: "looker", arn: `arn:aws:iam::${server.account}:user/looker` },
  };
  await page.addInitScript((kept) => sessionStorage.setItem("iamd.sessions", kept), JSON.stringify({ sessions: [session], current: "looker" }));
  await open(page, server, policyPage(arn) + "/edit");
  await paste(page, invoke);
  await next(page).click();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("You don't have permission")).toBeVisible();
  await expect(page.getByText("iam:CreatePolicyVersion")).toBeVisible();
});

test("390 px wide, a policy is found and read", async ({ page, server, aws }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  const arn = await make(aws, "Narrow");
  await open(page, server, "/policies");
  await page.getByRole("searchbox", { name: "Search policies" }).fill("Narrow");
  await page.getByRole("link", { name: "Narrow" }).click();
  await expect(page.getByText(arn)).toBeVisible();
  await page.getByRole("button", { name: /How to show Narrow/ }).click();
  await page.getByRole("option", { name: "JSON" }).click();
  await expect(page.getByRole("group", { name: "Narrow" })).toContainText("s3:ListAllMyBuckets");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBe(0);
});

test("a policy is created by keyboard alone", async ({ page, server, aws }) => {
  await open(page, server, "/policies/create");
  await expect(page.getByRole("heading", { name: "Specify permissions" })).toBeVisible();
  const tabTo = async (role: "button" | "textbox" | "group", name: string) => {
    for (let n = 0; n < 80; n++) {
      if (await page.getByRole(role, { name, exact: true }).first().evaluate((e) => e === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error("Tab does not reach " + name);
  };
  await page.getByRole("button", { name: "Import policy" }).focus();
  await tabTo("button", "Visual");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await tabTo("group", "Policy document: press Enter to edit, Escape to leave");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(invoke);
  await page.keyboard.press("Escape");
  await tabTo("button", "Next");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Policy name")).toBeVisible();
  await tabTo("textbox", "Policy name");
  await page.keyboard.type("ByKeyboard");
  await tabTo("button", "Create policy");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Policy ByKeyboard created.")).toBeVisible();
  await aws.iam.send(new GetPolicyCommand({ PolicyArn: `arn:aws:iam::${server.account}:policy/ByKeyboard` }));
});
