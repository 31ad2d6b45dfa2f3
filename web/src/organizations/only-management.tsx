import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import Spinner from "@cloudscape-design/components/spinner";
import type { Organization } from "@aws-sdk/client-organizations";
import type { ReactNode } from "react";
import { useSession } from "../session";
import { describe } from "../shared/errors";
import { follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { findOrganization, loadRoots } from "./tree";

interface Props {
  title: string;
  /** What members can't: "manage its policies". */
  what: string;
  /** Members that are delegated administrators can do it too. */
  delegated?: boolean;
  children: ReactNode;
}

type Standing = "in" | "none" | Organization; // an organization: the account is a member of it

/** A page of the management account; members are told so, instead of being refused
 * each of its parts. */
export function OnlyManagement({ title, what, delegated = false, children }: Props) {
  const { account } = useSession()!;
  const standing = useLoad(async (): Promise<Standing> => {
    const organization = await findOrganization();
    if (!organization) return "none";
    if (organization.MasterAccountId === account.id || (delegated && (await seesTheRoot()))) return "in";
    return organization;
  }, [account.id]);
  const is = standing.data;
  // Who may not even ask is told so by the page's own calls.
  if (is === "in" || (is === undefined && !standing.loading)) return children;
  return (
    <Page title={title} above={[["AWS accounts", "/organizations"]]}>
      {is === undefined ? (
        <Box textAlign="center"><Spinner size="large" /></Box>
      ) : is === "none" ? (
        <Alert type="info" header="This account is in no organization">
          <Link {...link("/organizations")} onFollow={follow}>Create one</Link>, or accept an invitation to one.
        </Alert>
      ) : (
        <Alert type="info" header={`Only the management account of the organization can ${what}`}>
          This account is a member. The management account is {is.MasterAccountId}{is.MasterAccountEmail && ` (${is.MasterAccountEmail})`}.{" "}
          <Link {...link("/organizations")} onFollow={follow}>See the organization</Link>
        </Alert>
      )}
    </Page>
  );
}

/** Only the management account and delegated administrators see it. */
async function seesTheRoot(): Promise<boolean> {
  try {
    return (await loadRoots()).length > 0;
  } catch (e) {
    if (describe(e).denied) return false;
    throw e;
  }
}
