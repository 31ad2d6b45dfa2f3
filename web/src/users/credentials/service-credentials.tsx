import {
  CreateServiceSpecificCredentialCommand, DeleteServiceSpecificCredentialCommand, ListServiceSpecificCredentialsCommand, ResetServiceSpecificCredentialCommand,
  UpdateServiceSpecificCredentialCommand, type ServiceSpecificCredential, type ServiceSpecificCredentialMetadata,
} from "@aws-sdk/client-iam";
import { useState } from "react";
import { iam } from "../../aws";
import { ActionButton } from "../../shared/action-button";
import { useAllowed, whyNot } from "../../shared/allowed";
import { useLoad, useWork } from "../../shared/load";
import { notifyError } from "../../shared/notify";
import { showTime } from "../../shared/time";
import { CredentialTable, Status } from "./credential-table";
import { Generate } from "./generate-service-credential";
import type { Owner } from "./owner";
import { Made } from "./service-credential-made";

export interface Kind {
  title: string;
  noun: string;
  description: string;
  empty: string;
  button: string;
  services: { name: string; text: string }[];
  /** An API key is one secret text that may end; others are a name and a password. */
  apiKey: boolean;
  most: number; // of one service
}

export const apiKeys: Kind = {
  title: "API keys",
  noun: "API key",
  description: "Use long-term API keys to call services that take them, such as Amazon Bedrock. A user can have two API keys of a service at most.",
  empty: "No API keys",
  button: "Generate API key",
  services: [
    { name: "bedrock.amazonaws.com", text: "Amazon Bedrock" },
    { name: "logs.amazonaws.com", text: "Amazon CloudWatch Logs" },
    { name: "cloudwatch.amazonaws.com", text: "Amazon CloudWatch" },
    { name: "aws-external-anthropic.amazonaws.com", text: "Claude Platform on AWS" },
  ],
  apiKey: true,
  most: 2,
};

export const gitCredentials: Kind = {
  title: "HTTPS Git credentials for AWS CodeCommit",
  noun: "Git credential",
  description: "Use a user name and password to authenticate HTTPS connections to AWS CodeCommit repositories. You can generate and store two sets of credentials for a user.",
  empty: "No credentials",
  button: "Generate credentials",
  services: [{ name: "codecommit.amazonaws.com", text: "AWS CodeCommit" }],
  apiKey: false,
  most: 2,
};

export const keyspacesCredentials: Kind = {
  title: "Credentials for Amazon Keyspaces (for Apache Cassandra)",
  noun: "Keyspaces credential",
  description: "Use a user name and password to authenticate access to Amazon Keyspaces tables. You can generate and store two sets of credentials for a user.",
  empty: "No credentials",
  button: "Generate credentials",
  services: [{ name: "cassandra.amazonaws.com", text: "Amazon Keyspaces" }],
  apiKey: false,
  most: 2,
};

type Row = ServiceSpecificCredentialMetadata;

/** A user's passwords and API keys for single services. */
export function ServiceCredentials({ owner, kind }: { owner: Owner; kind: Kind }) {
  const { userName: UserName, arn } = owner;
  const rows = useLoad(async () => {
    const out = await Promise.all(kind.services.map((s) => iam().send(new ListServiceSpecificCredentialsCommand({ UserName, ServiceName: s.name }))));
    return out.flatMap((o) => o.ServiceSpecificCredentials ?? []);
  }, [arn]);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<ServiceSpecificCredential>();
  const { busy, run } = useWork();
  const mayReset = useAllowed("iam:ResetServiceSpecificCredential", arn);
  const full = (service: string) => (rows.data ?? []).filter((r) => r.ServiceName === service).length >= kind.most;
  const free = kind.services.filter((s) => !full(s.name));
  const show = (c: ServiceSpecificCredential | undefined) => {
    setMaking(false);
    setMade(c);
    rows.reload();
  };
  const generate = async (ServiceName: string, CredentialAgeDays?: number) => {
    const out = await iam().send(new CreateServiceSpecificCredentialCommand({ UserName, ServiceName, CredentialAgeDays }));
    show(out.ServiceSpecificCredential);
  };
  const reset = (r: Row) =>
    iam()
      .send(new ResetServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId: r.ServiceSpecificCredentialId }))
      .then((out) => show(out.ServiceSpecificCredential), (e: unknown) => notifyError(e, r.ServiceSpecificCredentialId));
  return (
    <>
      <CredentialTable<Row>
        title={kind.title}
        noun={kind.noun}
        description={kind.description}
        empty={kind.empty}
        loaded={rows}
        idOf={(r) => r.ServiceSpecificCredentialId!}
        statusOf={(r) => r.Status}
        update="iam:UpdateServiceSpecificCredential"
        remove="iam:DeleteServiceSpecificCredential"
        resource={arn}
        onSetActive={(r, on) => iam().send(new UpdateServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId: r.ServiceSpecificCredentialId, Status: on ? "Active" : "Inactive" }))}
        onRemove={(r) => iam().send(new DeleteServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId: r.ServiceSpecificCredentialId }))}
        more={() => [{ id: "reset", text: kind.apiKey ? "Reset API key" : "Reset password", disabled: !mayReset, disabledReason: mayReset ? undefined : whyNot("iam:ResetServiceSpecificCredential") }]}
        onMore={(_, r) => void reset(r)}
        columns={[
          { id: "id", header: kind.apiKey ? "API key ID" : "Credential ID", cell: (r) => r.ServiceSpecificCredentialId, isRowHeader: true },
          { id: "name", header: kind.apiKey ? "API key name" : "User name", cell: (r) => r.ServiceUserName ?? r.ServiceCredentialAlias ?? "-" },
          ...(kind.services.length > 1 ? [{ id: "service", header: "Service", cell: (r: Row) => kind.services.find((s) => s.name === r.ServiceName)?.text ?? r.ServiceName }] : []),
          { id: "created", header: "Created", cell: (r) => showTime(r.CreateDate) },
          ...(kind.apiKey ? [{ id: "expires", header: "Expires", cell: (r: Row) => (r.ExpirationDate ? showTime(r.ExpirationDate) : "Never") }] : []),
          { id: "status", header: "Status", minWidth: 120, cell: (r) => <Status status={r.Status} /> },
        ]}
        add={
          <ActionButton
            action="iam:CreateServiceSpecificCredential"
            resource={arn}
            loading={busy}
            disabled={free.length === 0}
            disabledReason={`A user can have two ${kind.noun}s at most. Delete one first.`}
            onClick={() => {
              if (kind.apiKey) return setMaking(true);
              void run(() => generate(kind.services[0]!.name).catch((e: unknown) => notifyError(e, kind.button)));
            }}
          >
            {kind.button}
          </ActionButton>
        }
      />
      {making && <Generate services={free} onGenerate={generate} onCancel={() => setMaking(false)} />}
      {made && <Made owner={owner} kind={kind} credential={made} onClose={() => setMade(undefined)} />}
    </>
  );
}
