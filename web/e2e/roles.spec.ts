import {
  AddRoleToInstanceProfileCommand, AttachRolePolicyCommand, AttachUserPolicyCommand, CreateAccessKeyCommand, CreateInstanceProfileCommand, CreatePolicyCommand, CreateRoleCommand,
  CreateServiceLinkedRoleCommand, CreateUserCommand,
  DeletePolicyCommand, GetInstanceProfileCommand, GetPolicyCommand, GetRoleCommand, GetRolePolicyCommand, ListAttachedRolePoliciesCommand, PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { Page } from "@playwright/test";
import { useCases } from "../src/roles/create/use-cases";
import { accessible, clients, expect, open, signIn, test, writePolicy, type Aws } from "./fixtures";
import { actAs } from "./limited";

const trusting = (Principal: object) => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }] });

async function make(aws: Aws, RoleName: string, principal: object = { Service: "ec2.amazonaws.com" }, Description?: string): Promise<string> {
  return (await aws.iam.send(new CreateRoleCommand({ RoleName, Description, AssumeRolePolicyDocument: trusting(principal) }))).Role!.Arn!;
}

async function trustOf(aws: Aws, RoleName: string): Promise<Record<string, unknown>> {
  const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName }));
  return JSON.parse(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).Statement[0];
}

const gone = (aws: Aws, RoleName: string) => expect(aws.iam.send(new GetRoleCommand({ RoleName }))).rejects.toThrow(/cannot be found/);
const next = (page: Page) => page.getByRole("button", { name: "Next", exact: true }).click();
const create = (page: Page) => page.getByRole("button", { name: "Create role", exact: true }).click();

test.describe("as root", () => {
  test.beforeEach(async ({ page, server }) => signIn(page, server));

  test("a role for EC2: use case, policies, tags, and the instance profile of its name", async ({ page, server, aws }) => {
    await open(page, server, "/roles");
    await page.getByRole("link", { name: "Create role" }).first().click();
    await next(page);
    await expect(page.getByText("Choose a service or use case.")).toBeVisible();
    await page.getByRole("button", { name: /Service or use case/ }).click();
    await page.getByRole("combobox", { name: "Find a service" }).fill("ec2");
    await page.getByRole("option", { name: "EC2", exact: true }).click();
    await accessible(page, "trusted entity, service");
    await next(page);
    await page.getByRole("searchbox", { name: "Search policies" }).fill("AmazonS3ReadOnly");
    await page.getByRole("checkbox", { name: "Select AmazonS3ReadOnlyAccess" }).check();
    await next(page);
    await expect(page.getByLabel("Description")).toHaveValue("Allows EC2 instances to call AWS services on your behalf.");
    await create(page);
    await expect(page.getByText("Enter a role name.")).toBeVisible();
    await page.getByLabel("Role name").fill("WebServer");
    await page.getByRole("button", { name: "Add new tag" }).click();
    await page.getByLabel("Key of tag 1").fill("team");
    await page.getByLabel("Value of tag 1").fill("web");
    await accessible(page, "review of a role");
    await create(page);
    await expect(page.getByText("Role WebServer created.")).toBeVisible();
    await expect(page.getByRole("heading", { name: "WebServer", level: 1 })).toBeVisible();
    await expect(page.getByText(`arn:aws:iam::${server.account}:instance-profile/WebServer`)).toBeVisible();

    const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName: "WebServer" }));
    expect(Role!.Tags).toEqual([{ Key: "team", Value: "web" }]);
    expect(await trustOf(aws, "WebServer")).toEqual({ Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { Service: ["ec2.amazonaws.com"] } });
    const { AttachedPolicies } = await aws.iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "WebServer" }));
    expect(AttachedPolicies!.map((p) => p.PolicyName)).toEqual(["AmazonS3ReadOnlyAccess"]);
    const { InstanceProfile } = await aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: "WebServer" }));
    expect(InstanceProfile!.Roles!.map((r) => r.RoleName)).toEqual(["WebServer"]);
  });

  test("a role for another account, with external ID, MFA and a boundary", async ({ page, server, aws }) => {
    await open(page, server, "/roles/create");
    await page.getByRole("radio", { name: "AWS account", exact: false }).check();
    await page.getByRole("radio", { name: "Another AWS account" }).check();
    await page.getByRole("checkbox", { name: "Require external ID" }).check();
    await next(page);
    await expect(page.getByText("Enter an account ID: 12 digits.")).toBeVisible();
    await page.getByLabel("Account ID", { exact: true }).fill("4444-5555-6666");
    await page.getByLabel("External ID", { exact: true }).fill("vendor:42");
    await page.getByRole("checkbox", { name: "Require MFA" }).check();
    await accessible(page, "trusted entity, account");
    await next(page);
    await page.getByRole("button", { name: /Set permissions boundary/ }).click();
    await page.getByRole("checkbox", { name: /Use a permissions boundary/ }).check();
    await next(page);
    await expect(page.getByText("Choose a policy for the boundary, or use none.")).toBeVisible();
    await page.getByRole("searchbox", { name: "Search policies" }).last().fill("PowerUserAccess");
    await page.getByRole("radio", { name: "Select PowerUserAccess", exact: true }).check();
    await next(page);
    await page.getByLabel("Role name").fill("Vendor");
    await page.getByLabel("Description").fill("For the vendor");
    await create(page);
    await expect(page.getByText("Role Vendor created.")).toBeVisible();
    expect(await trustOf(aws, "Vendor")).toEqual({
      Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "444455556666" },
      Condition: { StringEquals: { "sts:ExternalId": "vendor:42" }, Bool: { "aws:MultiFactorAuthPresent": "true" } },
    });
    const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName: "Vendor" }));
    expect(Role!.PermissionsBoundary!.PermissionsBoundaryArn).toBe("arn:aws:iam::aws:policy/PowerUserAccess");
  });

  test("a custom trust policy: errors stop, and the name that is taken is refused in AWS's words", async ({ page, server, aws }) => {
    await make(aws, "Taken");
    await open(page, server, "/roles/create");
    await page.getByRole("radio", { name: /Custom trust policy/ }).check();
    await writePolicy(page, "{");
    await next(page);
    await expect(page.getByRole("heading", { name: "Select trusted entity" })).toBeVisible();
    await writePolicy(page, trusting({ AWS: server.account }).replace("sts:AssumeRole", "sts:NoSuchThing"));
    await expect(page.getByRole("tab", { name: "Errors (1)" })).toBeVisible();
    await next(page);
    await expect(page.getByText("Correct the errors in the trust policy.")).toBeVisible();
    await accessible(page, "trusted entity, custom");
    await writePolicy(page, trusting({ AWS: server.account }));
    await expect(page.getByRole("tab", { name: "Errors (0)" })).toBeVisible();
    await next(page);
    await expect(page.getByRole("heading", { name: "Add permissions" })).toBeVisible();
    await next(page);
    await page.getByLabel("Role name").fill("Taken");
    await create(page);
    await expect(page.getByText("Role with name Taken already exists.")).toBeVisible();
    await page.getByLabel("Role name").fill("Custom");
    await create(page);
    await expect(page.getByText("Role Custom created.")).toBeVisible();
    expect((await trustOf(aws, "Custom")).Principal).toEqual({ AWS: server.account });
  });

  test("a policy that is gone by then: the role is made, the page says so, and goes on after", async ({ page, server, aws }) => {
    const document = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] });
    const policy = () => aws.iam.send(new CreatePolicyCommand({ PolicyName: "Fleeting", PolicyDocument: document }));
    const { Policy } = await policy();
    await open(page, server, "/roles/create");
    await page.getByRole("radio", { name: "AWS account", exact: false }).check();
    await next(page);
    await page.getByRole("searchbox", { name: "Search policies" }).fill("Fleeting");
    await page.getByRole("checkbox", { name: "Select Fleeting" }).check();
    await next(page);
    await page.getByLabel("Role name").fill("Halfway");
    await aws.iam.send(new DeletePolicyCommand({ PolicyArn: Policy!.Arn! }));
    await create(page);
    await expect(page.getByText("Role Halfway was created, but the rest was not done")).toBeVisible();
    await expect(page.getByLabel("Role name")).toBeDisabled();
    await policy();
    await page.getByRole("button", { name: "Retry" }).click();
    await expect(page.getByText("Role Halfway created.")).toBeVisible();
    const { AttachedPolicies } = await aws.iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "Halfway" }));
    expect(AttachedPolicies!.map((p) => p.PolicyName)).toEqual(["Fleeting"]);
  });

  test("the list: filter, and deletion of several with what hangs on them", async ({ page, server, aws }) => {
    await make(aws, "Old1", { AWS: "999999999999" });
    await make(aws, "Old2");
    await aws.iam.send(new AttachRolePolicyCommand({ RoleName: "Old1", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }));
    await aws.iam.send(new PutRolePolicyCommand({ RoleName: "Old1", PolicyName: "Own", PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] }) }));
    for (const InstanceProfileName of ["Old2", "Shared"]) {
      await aws.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
      await aws.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: "Old2" }));
    }
    await open(page, server, "/roles");
    await expect(page.getByRole("cell", { name: "Account: 999999999999" })).toBeVisible();
    await accessible(page, "roles");
    await page.getByRole("searchbox", { name: "Search roles" }).fill("old");
    await expect(page.getByText("2 matches").first()).toBeVisible();
    await page.getByRole("checkbox", { name: "Select Old1" }).check();
    await page.getByRole("checkbox", { name: "Select Old2" }).check();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByText("Delete 2 roles?")).toBeVisible();
    await expect(dialog.getByRole("button", { name: "Delete", exact: true })).toBeDisabled();
    await accessible(page, "delete roles");
    await dialog.getByRole("textbox").fill("delete");
    await dialog.getByRole("button", { name: "Delete", exact: true }).click();
    await expect(page.getByText("2 roles deleted.")).toBeVisible();
    await gone(aws, "Old1");
    await gone(aws, "Old2");
    await expect(aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: "Old2" }))).rejects.toThrow(/cannot be found/);
    expect((await aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: "Shared" }))).InstanceProfile!.Roles).toEqual([]);
  });

  test("a role's page: details, trust policy, tags, and the end of it", async ({ page, server, aws }) => {
    const arn = await make(aws, "A+b=c,d.e@f-g", { AWS: server.account });
    await open(page, server, "/roles/" + encodeURIComponent("A+b=c,d.e@f-g"));
    await expect(page.getByText(arn)).toBeVisible();
    await accessible(page, "a role");
    await page.getByRole("button", { name: "Edit role details" }).click();
    await page.getByRole("dialog").getByLabel("Description").fill("Now described");
    await page.getByRole("dialog").getByRole("button", { name: /Maximum session duration/ }).click();
    await page.getByRole("option", { name: "Custom duration" }).click();
    await page.getByRole("dialog").getByLabel("Duration in seconds").fill("43201");
    await expect(page.getByText("Enter 3,600 (1 hour) to 43,200 (12 hours) seconds.")).toBeVisible();
    await page.getByRole("dialog").getByLabel("Duration in seconds").fill("5400");
    await accessible(page, "edit a role");
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("1 hour 30 minutes")).toBeVisible();
    const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName: "A+b=c,d.e@f-g" }));
    expect([Role!.Description, Role!.MaxSessionDuration]).toEqual(["Now described", 5400]);

    await page.getByRole("tab", { name: "Trust relationships" }).click();
    await expect(page.getByRole("group", { name: "Trust policy" })).toContainText(server.account);
    await accessible(page, "trust relationships");
    await page.getByRole("link", { name: "Edit trust policy" }).click();
    await expect(page.getByRole("heading", { name: "Edit trust policy", level: 1 })).toBeVisible();
    await writePolicy(page, trusting({ AWS: "999999999999" }));
    await accessible(page, "edit trust policy");
    await page.getByRole("button", { name: "Update policy" }).click();
    await expect(page.getByText("Trust policy updated.")).toBeVisible();
    expect((await trustOf(aws, "A+b=c,d.e@f-g")).Principal).toEqual({ AWS: "999999999999" });

    await page.getByRole("tab", { name: "Tags" }).click();
    await page.getByRole("button", { name: "Manage tags" }).click();
    await page.getByRole("button", { name: "Add new tag" }).click();
    await page.getByLabel("Key of tag 1").fill("k");
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("Tags updated.")).toBeVisible();
    expect((await aws.iam.send(new GetRoleCommand({ RoleName: "A+b=c,d.e@f-g" }))).Role!.Tags).toEqual([{ Key: "k", Value: "" }]);

    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("A+b=c,d.e@f-g");
    await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Roles", level: 1 })).toBeVisible();
    await expect(page.getByText("Role A+b=c,d.e@f-g deleted.")).toBeVisible();
    await gone(aws, "A+b=c,d.e@f-g");
    await open(page, server, "/roles/" + encodeURIComponent("A+b=c,d.e@f-g"));
    await expect(page.getByText("There is no role named A+b=c,d.e@f-g")).toBeVisible();
    await accessible(page, "no such role");
  });

  test("sessions are revoked, and new ones are not", async ({ page, server, aws }) => {
    const RoleArn = await make(aws, "Leaked", { AWS: server.account });
    await aws.iam.send(new CreateUserCommand({ UserName: "Assumer" }));
    await aws.iam.send(new AttachUserPolicyCommand({ UserName: "Assumer", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }));
    const { AccessKeyId, SecretAccessKey } = (await aws.iam.send(new CreateAccessKeyCommand({ UserName: "Assumer" }))).AccessKey!;
    const assumer = clients(server, { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey! });
    await aws.iam.send(new AttachRolePolicyCommand({ RoleName: "Leaked", PolicyArn: "arn:aws:iam::aws:policy/IAMReadOnlyAccess" }));
    const session = async () => {
      const { Credentials: c } = await assumer.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "session" }));
      return clients(server, { accessKeyId: c!.AccessKeyId!, secretAccessKey: c!.SecretAccessKey!, sessionToken: c!.SessionToken });
    };
    const old = await session();
    const asks = (c: Aws) => c.iam.send(new GetRoleCommand({ RoleName: "Leaked" }));
    await asks(old);
    await open(page, server, "/roles/Leaked");
    await page.getByRole("tab", { name: "Revoke sessions" }).click();
    await accessible(page, "revoke sessions");
    await page.getByRole("button", { name: "Revoke active sessions" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").fill("Leaked");
    await accessible(page, "revoke sessions, asked");
    await dialog.getByRole("button", { name: "Revoke active sessions" }).click();
    await expect(page.getByText("Active sessions of role Leaked are revoked.")).toBeVisible();
    await expect(page.getByText(/Sessions that began before .* are revoked/)).toBeVisible();
    await expect(asks(old)).rejects.toThrow(/explicit deny/);
    await old.sts.send(new GetCallerIdentityCommand({}));
    const { PolicyDocument } = await aws.iam.send(new GetRolePolicyCommand({ RoleName: "Leaked", PolicyName: "AWSRevokeOlderSessions" }));
    const { Condition } = JSON.parse(decodeURIComponent(PolicyDocument!)).Statement[0];
    expect(Date.parse(Condition.DateLessThan["aws:TokenIssueTime"])).toBeLessThan(Date.now() + 2000);
    await expect(async () => asks(await session())).toPass({ timeout: 5000 });
  });

  test("a service-linked role: marked, fixed, made by the wizard and deleted by the service's leave", async ({ page, server, aws }) => {
    await open(page, server, "/roles/create");
    await page.getByRole("button", { name: /Service or use case/ }).click();
    await page.getByRole("option", { name: "Elastic Load Balancing" }).click();
    await next(page);
    await expect(page.getByText("IAM attaches the policy that the service has for it.")).toBeVisible();
    await next(page);
    await create(page);
    await expect(page.getByText("This is a service-linked role")).toBeVisible();
    await accessible(page, "service-linked role");
    await expect(page.getByRole("heading", { name: "AWSServiceRoleForElasticLoadBalancing", level: 1 })).toBeVisible();
    await page.getByRole("tab", { name: "Trust relationships" }).click();
    await expect(page.getByRole("button", { name: "Edit trust policy" })).toHaveAttribute("aria-disabled", "true");
    await page.getByRole("button", { name: "Edit role details" }).click();
    await page.getByRole("dialog").getByLabel("Description").fill("Balances");
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("Role AWSServiceRoleForElasticLoadBalancing updated.")).toBeVisible();
    expect((await aws.iam.send(new GetRoleCommand({ RoleName: "AWSServiceRoleForElasticLoadBalancing" }))).Role!.Description).toBe("Balances");
    await open(page, server, "/roles");
    await expect(page.getByRole("cell", { name: "AWS Service: elasticloadbalancing (Service-Linked Role)" })).toBeVisible();
    await page.getByRole("checkbox", { name: "Select AWSServiceRoleForElasticLoadBalancing" }).check();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("AWSServiceRoleForElasticLoadBalancing");
    await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await expect(page.getByText("Role AWSServiceRoleForElasticLoadBalancing deleted.")).toBeVisible();
    await gone(aws, "AWSServiceRoleForElasticLoadBalancing");
  });

  test("every use case is one that IAM knows", async ({ aws }) => {
    const all = useCases.flatMap((s) => s.cases);
    for (const arn of new Set(all.map((c) => c.policy).filter((p) => p !== undefined))) await aws.iam.send(new GetPolicyCommand({ PolicyArn: arn }));
    for (const c of all) {
      if (!c.linked) await make(aws, "UseCase" + c.name.replaceAll(/\W/g, ""), { Service: c.principal });
      else await aws.iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: c.principal })).catch((e) => expect(String(e)).toMatch(/has been taken/));
    }
  });

  test("by keyboard alone, at 390 pixels", async ({ page, server, aws }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open(page, server, "/roles/create");
    await expect(page.getByRole("radio", { name: /AWS service/ })).toBeVisible();
    const to = async (target: ReturnType<Page["getByRole"]>) => {
      for (let i = 0; i < 80 && !(await target.evaluate((e) => e === document.activeElement)); i++) await page.keyboard.press("Tab");
      await expect(target).toBeFocused();
    };
    await to(page.getByRole("radio", { name: /AWS service/ }));
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("radio", { name: "AWS account", exact: false }).first()).toBeChecked();
    await to(page.getByRole("checkbox", { name: "Require MFA" }));
    await page.keyboard.press("Space");
    await to(page.getByRole("button", { name: "Next", exact: true }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Add permissions" })).toBeVisible();
    await expect(page.getByText(/Permissions policies/).first()).toBeVisible();
    await to(page.getByRole("button", { name: "Next", exact: true }));
    await page.keyboard.press("Enter");
    await to(page.getByLabel("Role name"));
    await page.keyboard.type("ByKeyboard");
    await to(page.getByRole("button", { name: "Create role", exact: true }));
    await page.keyboard.press("Enter");
    await expect(page.getByText("Role ByKeyboard created.")).toBeVisible();
    expect((await trustOf(aws, "ByKeyboard")).Condition).toEqual({ Bool: { "aws:MultiFactorAuthPresent": "true" } });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wide).toBe(false);
  });
});

test("who may not read hears so, and who may only read is refused what it changes", async ({ page, server, aws }) => {
  await actAs(page, server, aws, "RoleReader", ["iam:List*", "iam:GetPolicy*"]);
  await open(page, server, "/roles/NoMatter");
  await expect(page.getByText("You don't have permission")).toBeVisible();
  await expect(page.getByText(/is not authorized to perform: iam:GetRole/)).toBeVisible();
  await accessible(page, "a role that one may not read");
  await open(page, server, "/roles/create");
  await page.getByRole("radio", { name: "AWS account", exact: false }).check();
  await next(page);
  await next(page);
  await page.getByLabel("Role name").fill("Never");
  await create(page);
  await expect(page.getByText(/is not authorized to perform: iam:CreateRole/)).toBeVisible();
  await gone(aws, "Never");
});
