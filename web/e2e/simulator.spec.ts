import { AddUserToGroupCommand, CreateGroupCommand, PutGroupPolicyCommand, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { accessible, expect, open, picture, signIn, test } from "./fixtures";
import { asking, choose, fitsWidth, person } from "./people";

const reader = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": "s3:Get*",
      "Resource": "*"
    },
    {
      "Sid": "Secret",
      "Effect": "Deny",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::secret/*"
    }
  ]
}`;
const fromHome = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}]}';

/** Replaces the text of the n-th policy editor. */
async function write(page: Page, n: number, text: string): Promise<void> {
  await page.getByRole("group", { name: "Policy document", exact: true }).nth(n).locator("textarea").focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(text);
}

test.beforeEach(async ({ page, server }) => signIn(page, server));

test("the simulator asks a user's policies, and shows the statement that decided", async ({ page, server, aws }) => {
  const { arn } = await person(aws, server, "Simulated", { Reader: reader, Home: fromHome });
  await aws.iam.send(new CreateGroupCommand({ GroupName: "Simulators" }));
  await aws.iam.send(new PutGroupPolicyCommand({ GroupName: "Simulators", PolicyName: "Topics", PolicyDocument: fromHome.replace("sqs:SendMessage", "sns:Publish") }));
  await aws.iam.send(new AddUserToGroupCommand({ GroupName: "Simulators", UserName: "Simulated" }));
  await open(page, server, "/simulator");
  await expect(page.getByRole("heading", { name: "IAM Policy Simulator" })).toBeVisible();
  await page.getByRole("button", { name: "Run simulation" }).click();
  await expect(page.getByText("Choose a user, user group or role.")).toBeVisible();
  await choose(page, "Name", "Simulated");
  await expect(page.getByText("Group Simulators")).toBeVisible();
  await choose(page, "Service", /^Amazon S3 s3$/, "Amazon S3");
  await page.getByRole("button", { name: /^Actions / }).click();
  for (const action of ["GetObject", "PutObject"]) await page.getByRole("option", { name: action, exact: true }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("textbox", { name: "Resources" }).fill("arn:aws:s3:::secret/key\narn:aws:s3:::open/key");
  await accessible(page, "Policy simulator");
  await page.getByRole("button", { name: "Run simulation" }).click();
  const denied = page.getByRole("row", { name: /s3:GetObject on arn:aws:s3:::secret\/key/ });
  await expect(denied).toContainText("Denied explicitly (1 matching statement)");
  await expect(page.getByRole("row", { name: /s3:GetObject on arn:aws:s3:::open\/key/ })).toContainText("Allowed (1 matching statement)");
  await expect(page.getByRole("row", { name: /s3:PutObject on arn:aws:s3:::open\/key/ })).toContainText("Denied implicitly (no matching statements)");
  await expect(page.getByText("1 action allowed. 3 actions denied.")).toBeVisible();
  await denied.getByRole("button").click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("Reader, statement 2")).toBeVisible();
  await expect(dialog.getByRole("group", { name: /statement 2 is marked/ })).toBeVisible();
  await expect(dialog.locator(".policy-marked").filter({ hasText: "arn:aws:s3:::secret/*" })).toBeVisible();
  await picture(page, "policy-simulator");
  await accessible(page, "Policy simulator, a result");
  await dialog.getByRole("button", { name: "Close" }).last().click();

  // The same, without the policy.
  await page.getByRole("checkbox", { name: "Select Reader" }).click();
  await page.getByRole("button", { name: "Run simulation" }).click();
  await expect(page.getByText("0 actions allowed. 4 actions denied.")).toBeVisible();
  const { EvaluationResults } = await aws.iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn: arn, ActionNames: ["s3:GetObject"], ResourceArns: ["arn:aws:s3:::open/key"] }));
  expect(EvaluationResults![0]!.EvalDecision).toBe("allowed");
});

test("the simulator asks for the condition keys of the policies", async ({ page, server, aws }) => {
  const { arn } = await person(aws, server, "AtHome", { Home: fromHome });
  await open(page, server, asking("/simulator", { principal: arn, action: "sqs:SendMessage" }));
  const row = page.getByRole("row", { name: /sqs:SendMessage on/ });
  await expect(row).toContainText("Denied implicitly");
  await expect(row).toContainText("aws:SourceIp");
  await page.getByRole("button", { name: "Condition keys" }).click();
  await expect(page.getByRole("button", { name: /Type of aws:SourceIp/ })).toContainText("ip");
  await page.getByRole("textbox", { name: "aws:SourceIp", exact: true }).fill("203.0.113.7");
  await page.getByRole("textbox", { name: "Add a condition key" }).fill("aws:TagKeys");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("button", { name: /Type of aws:TagKeys/ })).toContainText("stringList");
  await accessible(page, "Policy simulator, condition keys");
  await page.getByRole("button", { name: "Run simulation" }).click();
  await expect(row).toContainText("Allowed (1 matching statement)");
  await page.getByRole("textbox", { name: "aws:SourceIp", exact: true }).fill("no address");
  await page.getByRole("button", { name: "Run simulation" }).click();
  await expect(page.getByText(/expected IP address/)).toBeVisible();
});

test("the simulator tries a policy that nobody has, a whole access level, a boundary", async ({ page, server }) => {
  await open(page, server, "/simulator");
  await page.getByRole("radio", { name: "New policy" }).or(page.getByRole("button", { name: "New policy" })).first().click();
  await write(page, 0, reader);
  await choose(page, "Service", /^Amazon S3 s3$/, "Amazon S3");
  await choose(page, "Access level", /^Read/);
  await page.getByRole("button", { name: /^Actions / }).click();
  await page.getByRole("option", { name: "Select all" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Run simulation" }).click();
  await expect(page.getByText(/^[1-9]\d+ actions allowed\. \d+ actions denied\.$/)).toBeVisible();
  await page.getByRole("textbox", { name: "Search results" }).or(page.getByRole("searchbox", { name: "Search results" })).fill("GetBucketTagging");
  await page.getByRole("button", { name: /s3:GetBucketTagging on/ }).click();
  await expect(page.getByRole("dialog").getByText("Policy 1, statement 1")).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  await accessible(page, "Policy simulator, a new policy");
  await page.getByRole("button", { name: "Permissions boundary" }).click();
  await page.getByRole("checkbox", { name: "Simulate a permissions boundary" }).click();
  await write(page, 1, fromHome);
  await page.getByRole("button", { name: "Run simulation" }).click();
  await expect(page.getByRole("row", { name: /s3:GetBucketTagging on/ })).toContainText("Does not allow");
});

test("the simulator asks a resource's policy with the user's", async ({ page, server, aws }) => {
  const { arn } = await person(aws, server, "Invited");
  await open(page, server, asking("/simulator", { principal: arn, action: "s3:GetObject", resource: "arn:aws:s3:::shared/key" }));
  const row = page.getByRole("row", { name: /s3:GetObject on/ });
  await expect(row).toContainText("Denied implicitly");
  await page.getByRole("button", { name: "Resource policy and caller" }).click();
  await page.getByRole("checkbox", { name: "Simulate a resource policy" }).click();
  await write(page, 0, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"${arn}"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::shared/*"}]}`);
  await page.getByRole("button", { name: "Run simulation" }).click();
  await expect(row).toContainText("Allowed (1 matching statement)");
  await row.getByRole("button").click();
  await expect(page.getByRole("dialog").getByText("Resource policy, statement 1")).toBeVisible();
  await expect(page.getByRole("dialog").getByRole("group", { name: /statement 1 is marked/ })).toBeVisible();
});

test("on a narrow screen nothing is cut off", async ({ page, server, aws }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const { arn } = await person(aws, server, "NarrowSimulation", { Reader: reader });
  await open(page, server, asking("/simulator", { principal: arn, action: "s3:GetObject" }));
  await expect(page.getByRole("row", { name: /s3:GetObject on/ })).toBeVisible();
  expect(await fitsWidth(page)).toBe(true);
});
