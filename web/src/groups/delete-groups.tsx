import { DeleteGroupCommand, paginateGetGroup, RemoveUserFromGroupCommand } from "@aws-sdk/client-iam";
import { useRef } from "react";
import { iam } from "../aws";
import { deleteInline, detach, listAttached, listInline } from "../permissions/principal";
import { Confirm } from "../shared/confirm";
import { collect } from "../shared/load";
import { notify } from "../shared/notify";

/** Deletes a group and before that, as AWS's console does, what hangs on it. */
async function deleteGroup(name: string): Promise<void> {
  const group = { kind: "group" as const, name };
  const client = iam();
  for (const { UserName } of await collect(paginateGetGroup({ client }, { GroupName: name }), (p) => p.Users)) {
    await client.send(new RemoveUserFromGroupCommand({ GroupName: name, UserName }));
  }
  for (const p of await listAttached(group)) await detach(group, p.PolicyArn!);
  for (const p of await listInline(group)) await deleteInline(group, p);
  await client.send(new DeleteGroupCommand({ GroupName: name }));
}

/** Asks, and deletes groups. Their users stay. */
export function DeleteGroups({ names, onDone, onCancel }: { names: string[]; onDone: () => void; onCancel: () => void }) {
  const left = useRef(names);
  const one = names.length === 1 ? names[0] : undefined;
  const work = async () => {
    while (left.current.length > 0) {
      await deleteGroup(left.current[0]!);
      left.current = left.current.slice(1);
    }
  };
  return (
    <Confirm
      title={one ? `Delete ${one}?` : `Delete ${names.length} groups?`}
      type={one ?? "confirm"}
      button="Delete"
      work={work}
      onCancel={onCancel}
      onDone={() => {
        notify("success", one ? `User group ${one} deleted.` : `${names.length} user groups deleted.`);
        onDone();
      }}
    >
      {one ? <>Delete user group <b className="break-anywhere">{one}</b> permanently?</> : <>Delete these user groups permanently: {names.slice(0, 20).join(", ")}{names.length > 20 && ` and ${names.length - 20} more`}?</>}{" "}
      The users in it stay, and lose the permissions that come from it. Its inline policies are deleted.
    </Confirm>
  );
}
