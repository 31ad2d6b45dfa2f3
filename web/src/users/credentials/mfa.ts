import { paginateListMFADevices, type MFADevice } from "@aws-sdk/client-iam";
import { iam } from "../../aws";
import { collect } from "../../shared/load";
import { nameOf, type Owner } from "./owner";

/** All second factors of a user, or the root user. */
export function listMfa(owner: Owner): Promise<MFADevice[]> {
  return collect(paginateListMFADevices({ client: iam() }, nameOf(owner)), (p) => p.MFADevices);
}
