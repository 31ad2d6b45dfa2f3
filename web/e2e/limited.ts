import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import type { Page } from "@playwright/test";
import type { Aws } from "./fixtures";
import type { Server } from "./server";

/** Makes a user who may do the actions given and no more, and has the page act by
 * the user's own keys. */
export async function actAs(page: Page, server: Server, aws: Aws, UserName: string, actions: string[]): Promise<void> {
  const { User } = await aws.iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] });
  await aws.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "Only", PolicyDocument }));
  const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName }));
  const never = "2099-01-01T00:00:00Z";
  const session = {
    id: UserName,
    keys: { accessKeyId: AccessKey!.AccessKeyId, secretAccessKey: AccessKey!.SecretAccessKey, expiration: never },
    ends: never,
    account: { id: server.account },
    principal: { type: "user", arn: User!.Arn, name: UserName },
  };
  await page.addInitScript((kept) => sessionStorage.setItem("iamd.sessions", kept), JSON.stringify({ sessions: [session], current: UserName }));
}
