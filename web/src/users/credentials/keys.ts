// A user's access keys as the pages show them: with their descriptions, which
// are tags of the user whose keys are the access keys' ids, and their last use.
import {
  DeleteAccessKeyCommand, GetAccessKeyLastUsedCommand, ListUserTagsCommand, paginateListAccessKeys, UntagUserCommand, type AccessKeyLastUsed, type AccessKeyMetadata,
} from "@aws-sdk/client-iam";
import { iam } from "../../aws";
import { describe } from "../../shared/errors";
import { collect } from "../../shared/load";
import { nameOf, type Owner } from "./owner";

export const mostKeys = 2;

export interface AccessKey extends AccessKeyMetadata {
  description?: string;
  used?: AccessKeyLastUsed;
}

/** Nothing where the person may not ask: a key without its last use is still a key. */
async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (e) {
    if (describe(e).denied) return undefined;
    throw e;
  }
}

export function listKeys(owner: Owner): Promise<AccessKeyMetadata[]> {
  return collect(paginateListAccessKeys({ client: iam() }, nameOf(owner)), (p) => p.AccessKeyMetadata);
}

export async function keysOf(owner: Owner): Promise<AccessKey[]> {
  const client = iam();
  const tags = owner.userName === undefined ? undefined : orNothing(client.send(new ListUserTagsCommand({ UserName: owner.userName })));
  const keys = await listKeys(owner);
  return Promise.all(
    keys.map(async (k) => ({
      ...k,
      used: (await orNothing(client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: k.AccessKeyId }))))?.AccessKeyLastUsed,
      description: (await tags)?.Tags?.find((t) => t.Key === k.AccessKeyId)?.Value,
    })),
  );
}

/** Deletes a key, and its description with it. */
export async function deleteKey(owner: Owner, key: AccessKey): Promise<void> {
  await iam().send(new DeleteAccessKeyCommand({ ...nameOf(owner), AccessKeyId: key.AccessKeyId }));
  if (key.description !== undefined && owner.userName !== undefined) {
    await orNothing(iam().send(new UntagUserCommand({ UserName: owner.userName, TagKeys: [key.AccessKeyId!] })));
  }
}

