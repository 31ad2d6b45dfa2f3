import { DeleteServerCertificateCommand, paginateListServerCertificates, type ServerCertificateMetadata } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { Copy } from "../shared/copy";
import { collect, useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { ResourceTable } from "../shared/resource-table";
import { showTime } from "../shared/time";
import { UploadCertificate } from "./upload-certificate";

/** Server certificates: keys and certificates that servers show. */
export function ServerCertificates() {
  const certificates = useLoad(() => collect(paginateListServerCertificates({ client: iam() }, {}), (p) => p.ServerCertificateMetadataList), []);
  const [selected, setSelected] = useState<ServerCertificateMetadata[]>([]);
  const [dialog, setDialog] = useState<"upload" | "delete">();
  const done = (message: string) => {
    setDialog(undefined);
    setSelected([]);
    certificates.reload();
    notify("success", message);
  };
  const chosen = selected[0];
  return (
    <>
      <ResourceTable<ServerCertificateMetadata>
        noun="server certificates"
        header="Server certificates"
        description="Certificates with their private keys, for servers of this account."
        items={certificates.data}
        loading={certificates.loading}
        error={certificates.error}
        onReload={certificates.reload}
        idOf={(c) => c.ServerCertificateName!}
        filterText={(c) => [c.ServerCertificateName, c.Arn].join(" ")}
        sortBy="name"
        pageSize={10}
        selection="single"
        selected={selected}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <ActionButton
              action="iam:DeleteServerCertificate"
              resource={chosen?.Arn}
              disabled={!chosen}
              disabledReason="Select a server certificate first"
              ariaLabel="Delete server certificate"
              onClick={() => setDialog("delete")}
            >
              Delete
            </ActionButton>
            <ActionButton action="iam:UploadServerCertificate" onClick={() => setDialog("upload")}>Upload certificate</ActionButton>
          </SpaceBetween>
        }
        empty={
          <Box textAlign="center" padding="m">
            <b>No server certificates</b>
            <div>Upload a certificate with its private key to have one.</div>
          </Box>
        }
        columns={[
          { id: "name", header: "Name", sortingField: "ServerCertificateName", isRowHeader: true, cell: (c) => <span className="break-anywhere">{c.ServerCertificateName}</span> },
          { id: "path", header: "Path", sortingField: "Path", cell: (c) => c.Path },
          { id: "arn", header: "ARN", minWidth: 200, cell: (c) => <Copy text={c.Arn!} label="ARN" /> },
          { id: "uploaded", header: "Upload time", sortingField: "UploadDate", cell: (c) => showTime(c.UploadDate) },
          {
            id: "expires", header: "Expiration", sortingField: "Expiration",
            cell: (c) => (c.Expiration && c.Expiration < new Date() ? <StatusIndicator type="error">Expired {showTime(c.Expiration)}</StatusIndicator> : showTime(c.Expiration)),
          },
        ]}
      />
      {dialog === "upload" && <UploadCertificate onDone={(name) => done(`Server certificate ${name} uploaded.`)} onCancel={() => setDialog(undefined)} />}
      {dialog === "delete" && chosen && (
        <Confirm
          title="Delete server certificate?"
          type={chosen.ServerCertificateName}
          button="Delete"
          warning="Servers that show the certificate stop working with it. Its private key can't be got back."
          work={() => iam().send(new DeleteServerCertificateCommand({ ServerCertificateName: chosen.ServerCertificateName }))}
          onDone={() => done(`Server certificate ${chosen.ServerCertificateName} deleted.`)}
          onCancel={() => setDialog(undefined)}
        >
          Delete server certificate <b className="break-anywhere">{chosen.ServerCertificateName}</b> permanently?
        </Confirm>
      )}
    </>
  );
}
