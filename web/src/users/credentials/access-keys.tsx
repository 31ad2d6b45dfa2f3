import { UpdateAccessKeyCommand } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";
import { iam } from "../../aws";
import { ActionButton } from "../../shared/action-button";
import { useAllowed, whyNot } from "../../shared/allowed";
import { Copy } from "../../shared/copy";
import { ErrorAlert } from "../../shared/errors";
import { href } from "../../shared/link";
import type { Loaded } from "../../shared/load";
import { notify, notifyError } from "../../shared/notify";
import { ago, showTime } from "../../shared/time";
import { Status } from "./credential-table";
import { DeleteKey } from "./delete-key";
import { mostKeys, type AccessKey } from "./keys";
import { keysPath, nameOf, type Owner } from "./owner";

/** The access keys of a user, or the root user: two at most. */
export function AccessKeys({ owner, keys }: { owner: Owner; keys: Loaded<AccessKey[]> }) {
  const [deleting, setDeleting] = useState<AccessKey>();
  const full = (keys.data?.length ?? 0) >= mostKeys;
  const create = (
    <ActionButton
      action="iam:CreateAccessKey"
      resource={owner.arn}
      disabled={full}
      disabledReason="There can be two access keys at most (active or inactive). Delete one first."
      href={full ? undefined : href(keysPath(owner) + "/access-keys/create")}
    >
      Create access key
    </ActionButton>
  );
  return (
    <Container
      header={
        <Header
          counter={keys.data && `(${keys.data.length})`}
          actions={create}
          description="Use access keys to send programmatic calls to AWS from the AWS CLI, AWS SDKs, or direct AWS API calls. You can have a maximum of two access keys (active or inactive) at a time."
        >
          Access keys
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ErrorAlert error={keys.error} onRetry={keys.reload} />
        {keys.loading && !keys.data && <Spinner />}
        {keys.data?.length === 0 && (
          <Box textAlign="center" color="inherit">
            <b>No access keys</b>
            <p>As a best practice, avoid long-term credentials like access keys: use tools which provide short-term credentials, such as roles.</p>
          </Box>
        )}
        {keys.data?.map((key) => (
          <OneKey key={key.AccessKeyId} owner={owner} accessKey={key} onChange={keys.reload} onDelete={() => setDeleting(key)} />
        ))}
      </SpaceBetween>
      {deleting && (
        <DeleteKey
          owner={owner}
          accessKey={deleting}
          onCancel={(changed) => {
            setDeleting(undefined);
            if (changed) keys.reload();
          }}
          onDone={() => {
            setDeleting(undefined);
            keys.reload();
            notify("success", `Access key ${deleting.AccessKeyId} deleted.`);
          }}
        />
      )}
    </Container>
  );
}

interface OneProps {
  owner: Owner;
  accessKey: AccessKey;
  onChange: () => void;
  onDelete: () => void;
}

function OneKey({ owner, accessKey: key, onChange, onDelete }: OneProps) {
  const mayUpdate = useAllowed("iam:UpdateAccessKey", owner.arn);
  const mayDelete = useAllowed("iam:DeleteAccessKey", owner.arn);
  const [busy, setBusy] = useState(false);
  const active = key.Status === "Active";
  const id = key.AccessKeyId!;
  const change = async () => {
    setBusy(true);
    try {
      await iam().send(new UpdateAccessKeyCommand({ ...nameOf(owner), AccessKeyId: id, Status: active ? "Inactive" : "Active" }));
      notify("success", `Access key ${id} ${active ? "deactivated" : "activated"}.`);
      onChange();
    } catch (e) {
      notifyError(e, `Access key ${id}`);
    } finally {
      setBusy(false);
    }
  };
  const used = key.used;
  return (
    <Container
      header={
        <Header
          variant="h3"
          actions={
            <ButtonDropdown
              ariaLabel={`Actions for ${id}`}
              expandToViewport
              loading={busy}
              items={[
                { id: "change", text: active ? "Deactivate" : "Activate", disabled: !mayUpdate, disabledReason: whyNot("iam:UpdateAccessKey") },
                { id: "delete", text: "Delete", disabled: !mayDelete, disabledReason: whyNot("iam:DeleteAccessKey") },
              ]}
              onItemClick={(e) => (e.detail.id === "change" ? void change() : onDelete())}
            >
              Actions
            </ButtonDropdown>
          }
        >
          <Copy text={id} label="Access key" />
        </Header>
      }
    >
      <KeyValuePairs
        columns={3}
        items={[
          { label: "Description", value: key.description || "-" },
          { label: "Status", value: <Status status={key.Status} /> },
          { label: "Created", value: <span title={showTime(key.CreateDate)}>{ago(key.CreateDate)}</span> },
          { label: "Last used", value: used?.LastUsedDate ? <span title={showTime(used.LastUsedDate)}>{ago(used.LastUsedDate)}</span> : used ? "Never" : "-" },
          { label: "Last used region", value: used?.Region ?? "-" },
          { label: "Last used service", value: used?.ServiceName ?? "-" },
        ]}
      />
    </Container>
  );
}
