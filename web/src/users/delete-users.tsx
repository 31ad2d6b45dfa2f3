import type { User } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRef } from "react";
import { Confirm } from "../shared/confirm";
import { notify } from "../shared/notify";
import { deleteUser } from "./delete-user";

interface Props {
  users: User[];
  onEnd: () => void;
  onCancel: () => void;
  /** Some are gone, and others could not be deleted. */
  onSome?: () => void;
}

const shown = 10;

/** Asks, and deletes users with all that hangs on them. */
export function DeleteUsers({ users, onEnd, onCancel, onSome }: Props) {
  const left = useRef(users.map((u) => u.UserName!));
  const one = users.length === 1 ? users[0]!.UserName! : undefined;
  const told = one ? `User ${one} deleted.` : `${users.length} users deleted.`;
  const work = async () => {
    const failed: { name: string; error: unknown }[] = [];
    const before = left.current.length;
    for (const name of left.current) {
      try {
        await deleteUser(name);
      } catch (error) {
        failed.push({ name, error });
      }
    }
    left.current = failed.map((f) => f.name);
    const first = failed[0];
    if (!first) return;
    if (failed.length < before) onSome?.();
    if (one === undefined && first.error instanceof Error) {
      first.error.message = `${failed.length} of ${before} users could not be deleted (${left.current.slice(0, shown).join(", ")}). ${first.name}: ${first.error.message}`;
    }
    throw first.error;
  };
  return (
    <Confirm
      title={one ? `Delete ${one}?` : `Delete ${users.length} users?`}
      type={one ?? "confirm"}
      button={one ? "Delete user" : "Delete users"}
      work={work}
      onDone={() => {
        notify("success", told);
        onEnd();
      }}
      onCancel={onCancel}
    >
      <SpaceBetween size="xs">
        <div>
          {one ? <>Delete user <b className="break-anywhere">{one}</b> permanently?</> : <>Delete these users permanently?</>} This deletes also all the user data,
          security credentials (access keys, password, MFA devices) and inline policies. Programs that use the keys lose access at once.
        </div>
        {!one && (
          <Box>
            <ul>
              {users.slice(0, shown).map((u) => <li key={u.UserName} className="break-anywhere">{u.UserName}</li>)}
              {users.length > shown && <li>and {users.length - shown} more</li>}
            </ul>
          </Box>
        )}
      </SpaceBetween>
    </Confirm>
  );
}
