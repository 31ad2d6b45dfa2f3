import {
  CreateGroupCommand, CreatePolicyCommand, CreateRoleCommand, CreateUserCommand, PutUserPolicyCommand, TagUserCommand,
} from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { routes } from "../src/routes";
import { expect, leaveFor, open, signIn, test, writePolicy } from "./fixtures";

const html = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>'"&lt;`;
const fault = "This page has a fault";

/** Watches for what no text of others may do in a page. */
async function watch(page: Page): Promise<{ nothing: () => Promise<void> }> {
  const seen: string[] = [];
  page.on("dialog", (d) => {
    seen.push("dialog " + d.message());
    void d.dismiss();
  });
  page.on("request", (r) => {
    const to = new URL(r.url());
    if (to.pathname.endsWith("/x") || !["http:", "data:", "blob:"].includes(to.protocol)) seen.push(r.url());
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (e) => ((window as unknown as { broken: string[] }).broken ??= []).push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`));
  });
  const nothing = async () => {
    const here = await page.evaluate(() => ({
      broken: (window as unknown as { broken?: string[] }).broken ?? [],
      images: document.querySelectorAll("img[src='x'], [onerror]").length,
      scripts: [...document.querySelectorAll("a[href]")].map((a) => a.getAttribute("href")!).filter((h) => !/^(#|\/console\/|https?:|blob:)/.test(h)),
      polluted: "polluted" in {},
      title: document.title,
    }));
    expect({ ...here, title: here.title.includes("owned") }).toEqual({ broken: [], images: 0, scripts: [], polluted: false, title: false });
    expect(seen).toEqual([]);
  };
  return { nothing };
}

/** A path of a route, with values for its parameters. */
const fill = (path: string, values: Record<string, string>) => path.replaceAll(/:(\w+)(\??)/g, (_, name: string, maybe) => (maybe ? "" : encodeURIComponent(values[name] ?? values["*"]!))).replace(/\/$/, "") || "/";

test.beforeEach(async ({ page, server }) => signIn(page, server));

test("names in the address are shown as text, whatever they are", async ({ page, server }) => {
  test.setTimeout(180_000);
  const watched = await watch(page);
  await open(page, server, "/");
  const named = routes.map((r) => r.path).filter((p) => /:(?!section|kind)\w+/.test(p));
  for (const path of named) {
    for (const value of [html, "__proto__"]) {
      await open(page, server, fill(path, { kind: "users", "*": value }));
      await expect(page.getByRole("heading", { level: 1 }).first(), path).toBeVisible();
      await expect(page.getByText(fault), path).toBeHidden();
    }
    await watched.nothing();
  }
  for (const hash of ["#/users/%E0%A4%A", "#/users/%", "#/users/..%2f..%2f", "#javascript:alert(1)", "#//evil.example/", "#/users/\u202Egpj.exe", "#/%00", "#/" + "a/".repeat(500), "#/users/" + "x".repeat(5000), "#/constructor", "#/users/toString"]) {
    await page.goto(`${server.url}/console/${hash}`);
    await expect(page.getByRole("heading", { level: 1 }).first(), hash).toBeVisible();
    await expect(page.getByText(fault), hash).toBeHidden();
  }
  await watched.nothing();
});

test("what others wrote is shown as text: documents, descriptions, names, tags", async ({ page, server, aws }) => {
  const watched = await watch(page);
  const document = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/" + html, Condition: { StringEquals: { "aws:PrincipalTag/x": [html, "javascript:alert(1)"] } } }] });
  await aws.iam.send(new CreateUserCommand({ UserName: "=cmd+1@x,y" }));
  await aws.iam.send(new TagUserCommand({ UserName: "=cmd+1@x,y", Tags: [{ Key: "javascript:alert", Value: "__proto__ = / : @ ünï 漢字" }] }));
  await aws.iam.send(new PutUserPolicyCommand({ UserName: "=cmd+1@x,y", PolicyName: "p", PolicyDocument: document }));
  const { Policy: p } = await aws.iam.send(new CreatePolicyCommand({ PolicyName: "Hostile", Description: html, PolicyDocument: document }));
  await aws.iam.send(new CreateRoleCommand({ RoleName: "Hostile", Description: "<b onmouseover=alert(1)>", AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: server.account }, Action: "sts:AssumeRole", Condition: { StringEquals: { "sts:ExternalId": "<img src=x>" } } }] }) }));
  await aws.iam.send(new CreateGroupCommand({ GroupName: "a=b,c@d" }));

  await open(page, server, "/policies/" + encodeURIComponent(p!.Arn!));
  await expect(page.getByText(html).first()).toBeVisible(); // the description
  await watched.nothing();
  await open(page, server, `/policies/${encodeURIComponent(p!.Arn!)}/edit`);
  await expect(page.getByRole("heading", { level: 1 }).or(page.getByRole("heading", { name: "Specify permissions" })).first()).toBeVisible();
  await watched.nothing();
  for (const path of ["/roles/Hostile", "/roles/Hostile/trust-policy/edit", `/users/${encodeURIComponent("=cmd+1@x,y")}`, `/users/${encodeURIComponent("=cmd+1@x,y")}/tags`, `/users/${encodeURIComponent("=cmd+1@x,y")}/inline-policies/p/edit`, `/groups/${encodeURIComponent("a=b,c@d")}`, "/users", "/roles", "/policies", "/groups"]) {
    await open(page, server, path);
    await expect(page.getByRole("heading", { level: 1 }).first(), path).toBeVisible();
    await expect(page.getByText(fault), path).toBeHidden();
    await watched.nothing();
  }
  await open(page, server, `/users/${encodeURIComponent("=cmd+1@x,y")}`);
  await expect(page.getByRole("heading", { level: 1, name: "=cmd+1@x,y" })).toBeVisible();
});

const json = (page: Page) => page.getByRole("button", { name: "JSON", exact: true });

test("a document about __proto__ changes nothing of the page, and loses nothing", async ({ page, server }) => {
  const watched = await watch(page);
  const odd = '{"Version":"2012-10-17","__proto__":{"polluted":1},"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","constructor":{"prototype":{"polluted":1}},"Condition":{"__proto__":{"polluted":"yes"},"StringEquals":{"__proto__":"x","aws:PrincipalTag/__proto__":"y"}}}]}';
  await open(page, server, "/policies/create");
  await json(page).click();
  await writePolicy(page, odd);
  await watched.nothing();
  const visual = page.getByRole("button", { name: "Visual", exact: true });
  await visual.click();
  await watched.nothing();
  if (!(await page.locator(".policy-code-area .ace_content").isVisible())) await json(page).click();
  for (const part of ["__proto__", "constructor", "PrincipalTag/__proto__"]) await expect(page.locator(".policy-code-area .ace_content")).toContainText(part);
  await page.getByRole("button", { name: "Next", exact: true }).click();
  await watched.nothing();
  await expect(page.getByText(fault)).toBeHidden();
});

test("a document of 130 KB does not stop the editors", async ({ page, server }) => {
  const watched = await watch(page);
  const statements = Array.from({ length: 1000 }, (_, i) => ({ Sid: "S" + i, Effect: "Allow", Action: ["s3:Get*", "ec2:Describe*"], Resource: `arn:aws:s3:::bucket-${i}/${"x".repeat(20)}` }));
  for (const big of [JSON.stringify({ Version: "2012-10-17", Statement: statements }), `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::${"*?".repeat(65_000)}"}]}`, "[".repeat(130_000), '{"Version":"' + "\\".repeat(130_000)]) {
    await open(page, server, "/policies/create");
    await json(page).click();
    const began = Date.now();
    await writePolicy(page, big);
    await page.getByRole("button", { name: "Next", exact: true }).click();
    await expect(page.getByText(/^Ln \d+, Col \d+: /).or(page.getByRole("heading", { name: "Review and create" })).first()).toBeVisible({ timeout: 30_000 });
    console.log(`${big.length} characters in the JSON editor answered in ${Date.now() - began} ms`);
    await expect(page.getByText(fault)).toBeHidden();
    await leaveFor(page, server, "/"); // so that the next begins anew
    await expect(page.getByRole("heading", { name: "IAM Dashboard" })).toBeVisible();
  }
  await watched.nothing();
});

test("a downloaded report is what the server wrote", async ({ page, server, aws }) => {
  await aws.iam.send(new CreateUserCommand({ UserName: "csv,quoted" }));
  await open(page, server, "/credential-report");
  const made = page.waitForEvent("download");
  await page.getByRole("button", { name: /Download/ }).first().click();
  const text = await readFile(await (await made).path(), "utf8");
  expect(text.split("\n")[0]).toMatch(/^user,arn,user_creation_time,/);
  expect(text).toMatch(/^"csv,quoted","arn:aws:iam::/m);
});
