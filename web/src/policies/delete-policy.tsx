import { DeletePolicyCommand, DeletePolicyVersionCommand, paginateListPolicyVersions, type Policy } from "@aws-sdk/client-iam";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { iam } from "../aws";
import { detach } from "../permissions/principal";
import { Confirm } from "../shared/confirm";
import { collect, useLoad } from "../shared/load";
import { ErrorAlert } from "../shared/errors";
import { listEntities, type Entity } from "./entities";

interface Props {
  policy: Policy;
  onDone: () => void;
  onCancel: () => void;
}

/** Deletes a policy after it was detached from everything that has it. A policy that
 * is a boundary is refused by the server: taking boundaries away would give permissions. */
export function DeletePolicy({ policy, onDone, onCancel }: Props) {
  const arn = policy.Arn!;
  const attached = useLoad(() => listEntities(arn, "PermissionsPolicy"), [arn]);
  const bounded = useLoad(() => listEntities(arn, "PermissionsBoundary"), [arn]);
  const limits = bounded.data ?? [];
  return (
    <Confirm
      title={`Delete ${policy.PolicyName}?`}
      type={policy.PolicyName!}
      button="Delete"
      warning={
        limits.length > 0
          ? `The policy is the permissions boundary of ${named(limits)}. It can't be deleted until these have another boundary or none.`
          : (attached.data?.length ?? 0) > 0 && `The policy will be detached from ${named(attached.data!)}. ${attached.data!.length === 1 ? "It loses" : "They lose"} the permissions that the policy grants.`
      }
      work={() => remove(arn)}
      onDone={onDone}
      onCancel={onCancel}
    >
      <SpaceBetween size="s">
        <span>Delete <b>{policy.PolicyName}</b> permanently, with all its versions? This action cannot be undone.</span>
        <ErrorAlert error={attached.error ?? bounded.error} header="Who has the policy is not known" />
      </SpaceBetween>
    </Confirm>
  );
}

async function remove(arn: string): Promise<void> {
  const bounded = await listEntities(arn, "PermissionsBoundary");
  if (bounded.length > 0) throw new Error(`The policy is the permissions boundary of ${named(bounded)}. Remove the boundary there first.`);
  for (const entity of await listEntities(arn, "PermissionsPolicy")) await detach(entity, arn);
  const versions = await collect(paginateListPolicyVersions({ client: iam() }, { PolicyArn: arn }), (p) => p.Versions);
  for (const v of versions) {
    if (!v.IsDefaultVersion) await iam().send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: v.VersionId }));
  }
  await iam().send(new DeletePolicyCommand({ PolicyArn: arn }));
}

function named(entities: Entity[]): string {
  const some = entities.slice(0, 5).map((e) => `${e.kind} ${e.name}`).join(", ");
  return entities.length > 5 ? `${some} and ${entities.length - 5} more` : some;
}
