import type { Role } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRef } from "react";
import { Confirm } from "../shared/confirm";
import { notify } from "../shared/notify";
import { LastActivity } from "./last-activity";
import { removeRoles } from "./remove";
import { linkedService } from "./trust";

interface Props {
  roles: Role[];
  /** Called when it is over, also when some are gone and others not. */
  onEnd: (gone: Role[]) => void;
}

/** Asks before roles are deleted, and deletes them. */
export function DeleteRoles({ roles, onEnd }: Props) {
  const gone = useRef<Role[]>([]);
  const one = roles.length === 1 ? roles[0]! : undefined;
  const linked = roles.filter((r) => linkedService(r.Path));
  return (
    <Confirm
      title={one ? `Delete ${one.RoleName}?` : `Delete ${roles.length} roles?`}
      type={one ? one.RoleName! : "delete"}
      button="Delete"
      work={() => removeRoles(roles.filter((r) => !gone.current.includes(r)), (r) => gone.current.push(r))}
      onDone={() => {
        notify("success", one ? `Role ${one.RoleName} deleted.` : `${roles.length} roles deleted.`);
        onEnd(gone.current);
      }}
      onCancel={() => onEnd(gone.current)}
    >
      <SpaceBetween size="s">
        <div className="break-anywhere">
          {one ? <>Delete role <b>{one.RoleName}</b> permanently?</> : <>Delete these roles permanently?</>} This also deletes {one ? "its" : "their"} inline policies and instance profiles of the
          same name, and detaches managed policies. You can't undo this.
        </div>
        {one ? (
          <div>Last activity: <LastActivity role={one} /></div>
        ) : (
          <ul className="break-anywhere">
            {roles.map((r) => (
              <li key={r.RoleName}>{r.RoleName} (last activity: <LastActivity role={r} />)</li>
            ))}
          </ul>
        )}
        {linked.length > 0 && (
          <Alert type="info">
            {one ? "This is a service-linked role" : `Service-linked roles among them: ${linked.length}`}. The service decides whether such a role can be deleted.
          </Alert>
        )}
        <Alert type="warning">Whoever uses a role that is deleted can't use it any longer: its sessions end at once.</Alert>
      </SpaceBetween>
    </Confirm>
  );
}
