import { CreateUserCommand, GetUserPolicyCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { accessible, expect, open, signIn, test } from "./fixtures";

const command = (page: Page) => page.getByRole("textbox", { name: "Command" });
const output = (page: Page) => page.getByRole("log", { name: "Terminal output" });

async function type(page: Page, line: string): Promise<void> {
  await command(page).fill(line);
  await command(page).press("Enter");
  await expect(command(page)).toHaveAttribute("aria-busy", "false");
  await expect(command(page)).toHaveValue("");
}

async function action(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name }).click();
}

test.beforeEach(async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, "/cloudshell");
  await expect(command(page)).toBeFocused();
});

test("the shell makes a policy of a document that is typed, and prints it", async ({ page, aws }) => {
  await type(page, "aws iam create-user --user-name Bob --tags Key=team,Value=red");
  await expect(output(page)).toContainText('"UserName": "Bob",');
  await type(page, "cat > policy.json <<'EOF'\n{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \"Resource\": \"*\"}]\n}\nEOF");
  await type(page, "aws iam put-user-policy --user-name Bob --policy-name ExamplePolicy --policy-document file://policy.json");
  await type(page, "clear");
  await type(page, "aws iam get-user-policy --user-name Bob --policy-name ExamplePolicy");
  await expect(output(page)).toContainText(`{
    "UserName": "Bob",
    "PolicyName": "ExamplePolicy",
    "PolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Resource": "*"
            }
        ]
    }
}
`);
  const kept = await aws.iam.send(new GetUserPolicyCommand({ UserName: "Bob", PolicyName: "ExamplePolicy" }));
  expect(decodeURIComponent(kept.PolicyDocument!)).toContain("sts:AssumeRole");
});

test("it greets with what it keeps, and helps with options", async ({ page }) => {
  await expect(output(page)).toContainText("Files and history are kept in this tab, until it is closed or reloaded, or you sign out.");
  await expect(output(page)).toContainText("aws iam create-user help tells of a command and its options.");
  await type(page, "aws iam get-user-policy help");
  await expect(output(page)).toContainText("https://docs.aws.amazon.com/cli/latest/reference/iam/get-user-policy.html");
});

test("it says what went wrong, and prints in other formats", async ({ page, server }) => {
  await type(page, "aws iam get-user --user-name Nobody");
  await expect(output(page)).toContainText("An error occurred (NoSuchEntity) when calling the GetUser operation: ");
  await type(page, "aws sts get-caller-identity --query Account --output text; aws organizations list-roots");
  await expect(output(page)).toContainText(`${server.account}\n`);
  await expect(output(page)).toContainText("An error occurred (AWSOrganizationsNotInUseException) when calling the ListRoots operation: ");
  await type(page, "aws sts get-caller-identity --output table");
  await expect(output(page)).toContainText(/\| +GetCallerIdentity +\|/);
  await type(page, "aws accessanalyzer validate-policy --policy-type IDENTITY_POLICY --policy-document '{}' --query 'findings[0].findingType'");
  await expect(output(page)).toContainText('"ERROR"');
});

test("it looks up who did what", async ({ page, server }) => {
  await type(page, "aws iam create-user --user-name Eve --query User.UserName");
  await expect(output(page)).toContainText('"Eve"\n');
  const asked = page.waitForRequest((r) => r.headers()["x-amz-target"]?.endsWith(".LookupEvents") ?? false);
  await type(page, 'aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=Eve --query "Events[].[EventName,Username]" --output text');
  await expect(output(page)).toContainText("CreateUser\troot\n");
  const request = await asked;
  expect(request.url(), "at the console's own address").toBe(server.url + "/");
  expect(request.headers()["authorization"]).toContain("/us-east-1/cloudtrail/aws4_request");
  await type(page, "aws cloudtrail lookup-events --max-results 51");
  await expect(output(page)).toContainText("An error occurred (InvalidMaxResultsException) when calling the LookupEvents operation: ");
  await type(page, "aws cloudtrail lookup-events help");
  await expect(output(page)).toContainText("https://docs.aws.amazon.com/cli/latest/reference/cloudtrail/lookup-events.html");
});

test("keys complete, bring back, clear and end", async ({ page }) => {
  await command(page).pressSequentially("aws iam get-account-s");
  await page.keyboard.press("Tab");
  await expect(command(page)).toHaveValue("aws iam get-account-summary ");
  await page.keyboard.press("Enter");
  await expect(output(page)).toContainText('"SummaryMap": {');
  await command(page).fill("aws iam get-account-");
  await page.keyboard.press("Tab");
  await expect(output(page)).toContainText("get-account-password-policy");
  await page.keyboard.press("Control+c");
  await expect(command(page)).toHaveValue("");
  await type(page, "echo second");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(command(page)).toHaveValue("aws iam get-account-summary ");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(command(page)).toHaveValue("");
  await page.keyboard.press("Control+l");
  await expect(output(page)).toHaveText("");
  await command(page).fill("aws iam wait user-exists --user-name Never");
  await page.keyboard.press("Enter");
  await expect(command(page)).toHaveAttribute("aria-busy", "true");
  await page.keyboard.press("Control+c");
  await expect(command(page)).toHaveAttribute("aria-busy", "false");
  await type(page, "echo $?");
  await expect(output(page)).toContainText("130");
  await command(page).fill("x");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(command(page)).not.toBeFocused();
});

test("files come in and go out", async ({ page }) => {
  await page.getByLabel("Upload file").setInputFiles({ name: "user.json", mimeType: "application/json", buffer: Buffer.from('{"UserName":"Ann"}') });
  await expect(output(page)).toContainText("Uploaded user.json (18 bytes).");
  await type(page, "aws iam create-user --cli-input-json file://user.json --query User.UserName");
  await expect(output(page)).toContainText('"Ann"');
  let saved = page.waitForEvent("download");
  await action(page, "Download output");
  expect(readFileSync(await (await saved).path(), "utf8")).toBe('"Ann"\n');
  await action(page, "Download file");
  await accessible(page, "the dialog that downloads a file");
  saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download", exact: true }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe("user.json");
  expect(readFileSync(await file.path(), "utf8")).toBe('{"UserName":"Ann"}');
});

test("it is there for all, and for small screens", async ({ page, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "Mae" }));
  await type(page, "aws iam list-users --output table");
  await type(page, "aws iam get-user --user-name Nobody");
  await accessible(page, "CloudShell");
  await page.setViewportSize({ width: 390, height: 800 });
  await type(page, "aws iam list-users --output table");
  const wide = page.getByRole("group", { name: "Table" }).last();
  const bar = await wide.evaluate((e) => ({ wider: e.scrollWidth > e.clientWidth, bar: getComputedStyle(e, "::-webkit-scrollbar").height, screen: e.closest(".cloudshell")!.scrollWidth <= e.closest(".cloudshell")!.clientWidth }));
  expect(bar, "the table alone scrolls, and its bar is seen").toEqual({ wider: true, bar: "10px", screen: true });
  await wide.focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => wide.evaluate((e) => e.scrollLeft)).toBeGreaterThan(0);
  await accessible(page, "CloudShell with a wide table, 390 px");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.goto(page.url().replace("cloudshell", "users"));
  await page.goto(page.url().replace("users", "cloudshell"));
  await expect(output(page)).toContainText("Mae"); // it outlives its page
});
