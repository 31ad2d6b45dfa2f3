import type { Policy } from "@aws-sdk/client-iam";
import { findPolicy } from "../permissions/policies";
import { isAwsManaged } from "../permissions/policy-type";
import { useLoad } from "../shared/load";

/** A policy's description. Lists of policies come without, so that of the account's
 * own is asked for where it is shown; AWS's have none here. */
export function Description({ policy }: { policy: Policy }) {
  const arn = policy.Arn!;
  const text = useLoad(async () => (isAwsManaged(arn) ? undefined : (await findPolicy(arn)).Description), [arn]);
  return <span className="break-anywhere">{text.data || (text.loading ? "" : "-")}</span>;
}
