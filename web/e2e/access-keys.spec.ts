import {
  CreateAccessKeyCommand, CreateUserCommand, GetUserCommand, ListAccessKeysCommand, ListUserTagsCommand,
} from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { accessible, clients, expect, open, signIn, test } from "./fixtures";

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });

async function downloaded(page: Page, button: string): Promise<{ name: string; text: string }> {
  const [file] = await Promise.all([page.waitForEvent("download"), press(page, button)]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

test("an access key is made in three steps, switched off and deleted", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "Keys" }));
  await signIn(page, server);
  await open(page, server, "/users/Keys/security-credentials");
  await page.getByRole("link", { name: "Create access key" }).last().click();
  await press(page, "Next");
  await expect(page.getByText("Choose a use case.")).toBeVisible();
  await page.getByRole("radio", { name: /Third-party service/ }).check();
  await press(page, "Next");
  await expect(page.getByText("Confirm that you have read this to go on.")).toBeVisible();
  await accessible(page, "Access key best practices & alternatives");
  await page.getByRole("radio", { name: /Other/ }).check();
  await press(page, "Next");
  await expect(page.getByRole("heading", { name: "Set description tag" })).toBeVisible();
  await page.getByLabel("Description tag value").fill("wrong!");
  await expect(page.getByText("Use letters, numbers, spaces")).toBeVisible();
  await page.getByLabel("Description tag value").fill("Build server");
  await accessible(page, "Set description tag");
  await press(page, "Create access key");
  await expect(page.getByText("Access key created")).toBeVisible();
  await press(page, "Done");
  await expect(dialog(page, /without downloading/)).toBeVisible();
  await accessible(page, "the question whether to leave without the key");
  await press(page, "Cancel");
  const file = await downloaded(page, "Download .csv file");
  expect(file.name).toBe("Keys_accessKeys.csv");
  const [header, line] = file.text.split("\r\n");
  expect(header).toBe("Access key ID,Secret access key");
  const [accessKeyId, secretAccessKey] = line!.split(",") as [string, string];
  await page.getByRole("button", { name: "Show secret access key" }).click();
  await expect(page.getByText(secretAccessKey)).toBeVisible();
  expect((await clients(server, { accessKeyId, secretAccessKey }).iam.send(new GetUserCommand({})).catch((e: Error) => e.name))).toBe("AccessDenied"); // known, and without permissions
  await press(page, "Done");

  await expect(page.getByRole("tab", { name: "Security credentials", selected: true })).toBeVisible();
  await expect(page.getByText("Build server")).toBeVisible();
  expect((await aws.iam.send(new ListUserTagsCommand({ UserName: "Keys" }))).Tags).toEqual([{ Key: accessKeyId, Value: "Build server" }]);
  await aws.iam.send(new CreateAccessKeyCommand({ UserName: "Keys" }));
  await press(page, "Refresh user");
  await expect(page.getByRole("button", { name: "Create access key" })).toHaveAttribute("aria-disabled", "true");
  await open(page, server, "/users/Keys/access-keys/create");
  await expect(page.getByText("There are two access keys already")).toBeVisible();
  await press(page, "Back");

  await press(page, `Actions for ${accessKeyId}`);
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const asked = dialog(page, `Delete ${accessKeyId}?`);
  await expect(asked.getByRole("button", { name: "Delete", exact: true })).toBeDisabled();
  await accessible(page, "the dialog that deletes an access key");
  await asked.getByRole("button", { name: "Deactivate" }).click();
  await expect(asked.getByText("The access key is deactivated.")).toBeVisible();
  await asked.getByLabel(/To confirm deletion/).fill(accessKeyId);
  await asked.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText(`Access key ${accessKeyId} deleted.`)).toBeVisible();
  const left = (await aws.iam.send(new ListAccessKeysCommand({ UserName: "Keys" }))).AccessKeyMetadata!;
  expect(left).toHaveLength(1);
  expect((await aws.iam.send(new ListUserTagsCommand({ UserName: "Keys" }))).Tags).toEqual([]);

  await press(page, `Actions for ${left[0]!.AccessKeyId}`);
  await page.getByRole("menuitem", { name: "Deactivate" }).click();
  await expect(page.getByText(`Access key ${left[0]!.AccessKeyId} deactivated.`)).toBeVisible();
  expect((await aws.iam.send(new ListAccessKeysCommand({ UserName: "Keys" }))).AccessKeyMetadata![0]!.Status).toBe("Inactive");
});
