import type { LoginProfile, User } from "@aws-sdk/client-iam";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { ActionButton } from "../shared/action-button";
import { Copy } from "../shared/copy";
import { href } from "../shared/link";
import { useLoad, type Loaded } from "../shared/load";
import { ago, days, showTime } from "../shared/time";
import { listMfa } from "./credentials/mfa";
import { keysPath, type Owner } from "./credentials/owner";
import type { AccessKey } from "./credentials/keys";

interface Props {
  user: User;
  owner: Owner;
  login: Loaded<LoginProfile | null>;
  keys: Loaded<AccessKey[]>;
}

/** What one wants to know of a user at first sight. */
export function Summary({ user, owner, login, keys }: Props) {
  const mfa = useLoad(() => listMfa(owner), [owner.arn, login.data]);
  const console = () => {
    if (login.error !== undefined) return "-";
    if (login.data === undefined) return "…";
    if (login.data === null) return "Disabled";
    if (mfa.data === undefined) return "Enabled";
    return mfa.data.length > 0 ? <StatusIndicator type="success">Enabled with MFA</StatusIndicator> : <StatusIndicator type="warning">Enabled without MFA</StatusIndicator>;
  };
  return (
    <Container header={<Header>Summary</Header>}>
      <KeyValuePairs
        columns={3}
        minColumnWidth={200}
        items={[
          { label: "ARN", value: <Copy text={user.Arn!} label="ARN" /> },
          { label: "Console access", value: console() },
          { label: "Access key 1", value: <OneKey owner={owner} keys={keys} n={0} /> },
          { label: "Created", value: showTime(user.CreateDate) },
          { label: "Last console sign-in", value: user.PasswordLastUsed ? <span title={showTime(user.PasswordLastUsed)}>{ago(user.PasswordLastUsed)}</span> : login.data ? "Never" : "-" },
          { label: "Access key 2", value: <OneKey owner={owner} keys={keys} n={1} /> },
        ]}
      />
    </Container>
  );
}

function OneKey({ owner, keys, n }: { owner: Owner; keys: Loaded<AccessKey[]>; n: number }) {
  if (keys.error !== undefined) return "-";
  if (!keys.data) return "…";
  const key = keys.data[n];
  if (!key) return n === keys.data.length ? <ActionButton variant="inline-link" action="iam:CreateAccessKey" resource={owner.arn} href={href(keysPath(owner) + "/access-keys/create")}>Create access key</ActionButton> : "-";
  const age = days(key.CreateDate) ?? 0;
  const used = key.used?.LastUsedDate;
  return (
    <SpaceBetween size="xxxs">
      <span>{key.AccessKeyId} - {key.Status}</span>
      <span>{used ? `Used ${ago(used)}` : key.used ? "Never used" : ""}{key.used ? ". " : ""}{age === 0 ? "Created today." : `${age} ${age === 1 ? "day" : "days"} old.`}</span>
    </SpaceBetween>
  );
}
