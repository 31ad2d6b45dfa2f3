import type { InstanceProfile, Role } from "@aws-sdk/client-iam";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSession } from "../session";
import { ActionButton } from "../shared/action-button";
import { Copy } from "../shared/copy";
import { describe } from "../shared/errors";
import type { Loaded } from "../shared/load";
import { showTime } from "../shared/time";
import { showDuration } from "./duration";
import { Ago } from "./last-activity";
import { isForAccounts, plainDocument } from "./trust";

interface Props {
  role: Role;
  profiles: Loaded<InstanceProfile[]>;
  onEdit: () => void;
}

/** Where a person of this server goes to take the role. */
function switchLink(account: string, role: Role): string {
  const name = (role.Path ?? "/").slice(1) + role.RoleName;
  const query = new URLSearchParams({ account, roleName: name });
  return `${location.origin}/console/?${query}#/switch-role`;
}

export function Summary({ role, profiles, onEdit }: Props) {
  const account = useSession()!.account.id;
  return (
    <Container
      header={
        <Header actions={<ActionButton action="iam:UpdateRole" resource={role.Arn} ariaLabel="Edit role details" onClick={onEdit}>Edit</ActionButton>}>Summary</Header>
      }
    >
      <KeyValuePairs
        columns={3}
        minColumnWidth={200}
        items={[
          { label: "Creation date", value: showTime(role.CreateDate) },
          { label: "ARN", value: <Copy text={role.Arn!} label="ARN" /> },
          ...(isForAccounts(plainDocument(role.AssumeRolePolicyDocument))
            ? [{ label: "Link to switch roles in console", value: <Copy text={switchLink(account, role)} label="Link to switch roles" /> }]
            : []),
          { label: "Last activity", value: <Ago at={role.RoleLastUsed?.LastUsedDate} /> },
          { label: "Maximum session duration", value: showDuration(role.MaxSessionDuration) },
          ...(profiles.error !== undefined || (profiles.data?.length ?? 0) > 0
            ? [
                {
                  label: profiles.data?.length === 1 ? "Instance profile ARN" : "Instance profile ARNs",
                  value: profiles.data ? (
                    <SpaceBetween size="xxs">
                      {profiles.data.map((p) => (
                        <Copy key={p.Arn} text={p.Arn!} label="Instance profile ARN" />
                      ))}
                    </SpaceBetween>
                  ) : (
                    `Could not be read: ${describe(profiles.error).message}`
                  ),
                },
              ]
            : []),
        ]}
      />
    </Container>
  );
}
