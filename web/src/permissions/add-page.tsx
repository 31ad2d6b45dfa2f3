import { NotFound } from "../not-found";
import { useLoad } from "../shared/load";
import { useParam } from "../shared/param";
import { AddToUser } from "./add-to-user";
import { permissionsOf } from "./attach";
import { AttachPolicies } from "./attach-policies";
import { Missing } from "./missing";
import { findPrincipal, kindOf, listAttached, type Kind } from "./principal";

/** "/users/Bob/add-permissions", and the same of groups and roles. */
export default function AddPage() {
  const kind = kindOf(useParam("kind"));
  const name = useParam("name");
  return kind === undefined ? <NotFound /> : <Add key={kind + name} kind={kind} name={name} />;
}

function Add({ kind, name }: { kind: Kind; name: string }) {
  const found = useLoad(() => findPrincipal(kind, name), []);
  // What is attached already is not offered; when it can't be known, all is.
  const attached = useLoad(() => listAttached({ kind, name }), []);
  const groups = useLoad(async () => (kind === "user" ? (await permissionsOf(name)).groups : []), []);
  if (found.error !== undefined) return <Missing kind={kind} name={name} error={found.error} onRetry={found.reload} />;
  const without = attached.data?.map((p) => p.PolicyArn!);
  const principal = { kind, name, arn: found.data?.arn ?? "*" };
  return kind === "user" ? <AddToUser principal={principal} without={without} groups={groups.data} /> : <AttachPolicies principal={principal} without={without} />;
}
