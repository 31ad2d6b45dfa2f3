import type { Session } from "../../session";
import type { Owner } from "./owner";

/** The signed-in person's credentials; none for who is signed in by a role. */
export function ownOwner(session: Session): Owner | undefined {
  const { type, arn, name } = session.principal;
  if (type === "role") return undefined;
  return { userName: type === "root" ? undefined : name, arn, account: session.account.id, self: true };
}
