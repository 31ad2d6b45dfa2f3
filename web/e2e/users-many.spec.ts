import { CreateUserCommand } from "@aws-sdk/client-iam";
import { expect, open, signIn, test } from "./fixtures";

const many = 5000;

test("a list of thousands asks only about what is on the screen", async ({ page, server, aws }) => {
  const names = Array.from({ length: many }, (_, n) => `user-${String(n).padStart(4, "0")}`);
  const makers = Array.from({ length: 50 }, async () => {
    for (let UserName; (UserName = names.pop()); ) await aws.iam.send(new CreateUserCommand({ UserName }));
  });
  await Promise.all(makers);
  const asked = new Map<string, number>();
  page.on("request", (r) => {
    const action = /(?:^|&)Action=(\w+)/.exec(r.postData() ?? "")?.[1];
    if (action) asked.set(action, (asked.get(action) ?? 0) + 1);
  });
  await signIn(page, server);
  await open(page, server, "/users");
  await expect(page.getByText(`(${many})`)).toBeVisible();
  await expect(page.getByText("With more than 500 users, the list is sorted by")).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Groups" }).getByRole("button")).toHaveCount(0);
  await expect(page.getByRole("row")).toHaveCount(21);
  await expect(page.getByRole("cell", { name: "user-0019" })).toBeVisible();
  await page.getByRole("button", { name: "Page 250" }).click();
  await expect(page.getByRole("cell", { name: "user-4999" })).toBeVisible();
  await page.getByRole("searchbox", { name: "Search users" }).fill("user-2345");
  await expect(page.getByText("1 match").first()).toBeVisible();
  await expect(page.getByRole("row", { name: /user-2345 \/ 0 - - - - - -/ })).toBeVisible(); // all facts of the row are there
  expect(asked.get("ListUsers")).toBe(many / 1000);
  for (const action of ["ListGroupsForUser", "ListMFADevices", "GetLoginProfile", "ListAccessKeys"]) {
    expect(asked.get(action), action).toBeGreaterThan(0);
    expect(asked.get(action), action).toBeLessThanOrEqual(20 + 20 + 20); // two pages, and what came between while one typed
  }
});
