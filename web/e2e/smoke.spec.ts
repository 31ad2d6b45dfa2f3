import { expect, open, signIn, test } from "./fixtures";

test("the dashboard shows the account", async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, "/");
  await expect(page.getByRole("heading", { name: "IAM Dashboard" })).toBeVisible();
  await expect(page.getByText(server.account).first()).toBeVisible();
});
