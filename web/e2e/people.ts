// Persons that tests are about, and what they are refused.
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import { clients, type Aws } from "./fixtures";
import type { Server } from "./server";

/** Makes a user with inline policies, and clients with its keys. */
export async function person(aws: Aws, server: Server, UserName: string, policies: Record<string, string> = {}): Promise<{ arn: string; aws: Aws }> {
  const { User } = await aws.iam.send(new CreateUserCommand({ UserName }));
  for (const [PolicyName, PolicyDocument] of Object.entries(policies)) await aws.iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }));
  const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName }));
  return { arn: User!.Arn!, aws: clients(server, { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! }) };
}

export interface Refusal {
  $metadata: { requestId: string };
  $response: { headers: Record<string, string> };
}

/** What a call is refused with; it must be. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  return work.then(
    () => Promise.reject(new Error("it was allowed")),
    (e: unknown) => e as Refusal,
  );
}

/** A page's path with a question behind it. */
export function asking(path: string, question: Record<string, string>): string {
  return `${path}?${new URLSearchParams(question)}`;
}

/** Chooses an option of a select, after a search where there are many. */
export async function choose(page: Page, field: string, option: string | RegExp, search?: string): Promise<void> {
  await page.getByRole("button", { name: new RegExp(`^${field}\\b`) }).click();
  if (search) await page.keyboard.insertText(search);
  await page.getByRole("option", { name: option }).first().click();
}

/** Tells whether the page needs no scrolling sideways. */
export function fitsWidth(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
}
