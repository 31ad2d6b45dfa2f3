import { UpdateSAMLProviderCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "../aws";
import { ActionButton } from "../shared/action-button";
import { download } from "../shared/download";
import { EditDialog } from "../shared/edit-dialog";
import { notify } from "../shared/notify";
import { FileField, type ReadFile } from "./file-field";
import { nameOf } from "./providers";
import "./providers.css";
import { metadataFault } from "./saml-fields";

interface Props {
  arn: string;
  document: string;
  reload: () => void;
}

/** The document by which assertions of a provider are verified. */
export function Metadata({ arn, document, reload }: Props) {
  const [replacing, setReplacing] = useState(false);
  const [file, setFile] = useState<ReadFile>();
  const fault = file && metadataFault(file);
  const end = () => {
    setReplacing(false);
    setFile(undefined);
  };
  return (
    <Container
      header={
        <Header
          description="Issued by your identity provider: its certificates, and where it is."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={() => download(nameOf(arn) + ".xml", document, "application/xml")}>Download</Button>
              <ActionButton action="iam:UpdateSAMLProvider" resource={arn} onClick={() => setReplacing(true)}>Replace metadata</ActionButton>
            </SpaceBetween>
          }
        >
          Metadata document
        </Header>
      }
    >
      <pre className="metadata" tabIndex={0} role="group" aria-label="Metadata document">{document}</pre>
      {replacing && (
        <EditDialog
          title="Replace metadata"
          button="Replace metadata"
          ready={file !== undefined && fault === undefined}
          work={() => iam().send(new UpdateSAMLProviderCommand({ SAMLProviderArn: arn, SAMLMetadataDocument: file!.text }))}
          onDone={() => {
            end();
            reload();
            notify("success", "Metadata document replaced.");
          }}
          onCancel={end}
        >
          <FileField
            label="Metadata document"
            description="This document is issued by your IdP. It takes the place of the one that is there at once."
            constraintText="File needs to be a valid UTF-8 XML document."
            accept=".xml,text/xml,application/xml"
            errorText={fault}
            value={file}
            onChange={setFile}
          />
        </EditDialog>
      )}
    </Container>
  );
}
