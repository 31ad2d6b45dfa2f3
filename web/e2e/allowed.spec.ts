// Buttons say beforehand what the person may not do, and go by what is so now.
import { CreateUserCommand, DeleteUserPolicyCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { CreateOrganizationCommand, CreateOrganizationalUnitCommand, ListRootsCommand } from "@aws-sdk/client-organizations";
import { accessible, expect, open, test } from "./fixtures";
import { actAs } from "./limited";

const reading = ["iam:List*", "iam:Get*", "organizations:List*", "organizations:Describe*"];
const grant = (Action: string) => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });

test("rights that were given and taken show without loading the page again", async ({ page, server, aws }) => {
  await actAs(page, server, aws, "Rising", reading);
  await open(page, server, "/users");
  const button = page.getByText("Create user", { exact: true }).first().locator("xpath=ancestor::*[self::a or self::button]");
  await expect(button).toHaveAttribute("aria-disabled", "true");
  await aws.iam.send(new PutUserPolicyCommand({ UserName: "Rising", PolicyName: "more", PolicyDocument: grant("iam:CreateUser") }));
  await page.getByRole("button", { name: "Refresh users" }).click();
  await expect(button).not.toHaveAttribute("aria-disabled", "true");
  await aws.iam.send(new DeleteUserPolicyCommand({ UserName: "Rising", PolicyName: "more" }));
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Roles", level: 1 })).toBeVisible();
  await page.getByRole("link", { name: "Users", exact: true }).click();
  await expect(button).toHaveAttribute("aria-disabled", "true");
});

test("who may only read is told so where things are made", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "Plain" }));
  await actAs(page, server, aws, "Looker", reading);
  const pages: [path: string, action: string][] = [
    ["/users/create", "iam:CreateUser"],
    ["/roles/create", "iam:CreateRole"],
    ["/policies/create", "iam:CreatePolicy"],
    ["/identity-providers/create", "iam:CreateSAMLProvider"],
    ["/users/Plain/inline-policies/create", "iam:PutUserPolicy"],
  ];
  for (const [path, action] of pages) {
    await open(page, server, path);
    await expect(page.getByText(`You need permission for ${action}`).first()).toBeVisible();
  }
  await accessible(page, "a wizard whose last button would be refused");
  const off = (name: string) => page.getByText(name, { exact: true }).last().locator("xpath=ancestor::*[self::a or self::button][1]");
  for (const [path, name] of [["/groups/create", "Create user group"], ["/identity-providers", "Add provider"], ["/users/Plain", "Create access key"]] as const) {
    await open(page, server, path);
    await expect(off(name)).toHaveAttribute("aria-disabled", "true");
  }
});

test("what may not be done to units and accounts is disabled", async ({ page, server, aws }) => {
  await aws.organizations.send(new CreateOrganizationCommand({ FeatureSet: "ALL" }));
  const root = (await aws.organizations.send(new ListRootsCommand({}))).Roots![0]!.Id;
  await aws.organizations.send(new CreateOrganizationalUnitCommand({ ParentId: root, Name: "Unit" }));
  await actAs(page, server, aws, "Overseer", reading);
  await open(page, server, "/organizations");
  await page.getByRole("radio", { name: "Select Unit" }).check();
  await page.getByRole("button", { name: "Actions", exact: true }).click();
  for (const name of ["Create new", "Rename", "Delete"]) await expect(page.getByRole("menuitem", { name })).toHaveAttribute("aria-disabled", "true");
  await open(page, server, "/organizations/add-account");
  await expect(page.getByRole("button", { name: "Create AWS account" })).toHaveAttribute("aria-disabled", "true");
});
