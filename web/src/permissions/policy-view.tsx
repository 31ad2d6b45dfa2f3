import Button from "@cloudscape-design/components/button";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState, type DependencyList, type ReactNode } from "react";
import { PolicyDocument } from "../policy/policy-document";
import { PolicySummary } from "../policy/policy-summary";
import { download } from "../shared/download";
import { ErrorAlert } from "../shared/errors";
import { useLoad } from "../shared/load";
import { laidOut } from "./policies";

interface Props {
  load: () => Promise<string>;
  deps: DependencyList;
  /** The policy's name. */
  label: string;
  first?: "json" | "summary";
  actions?: ReactNode;
}

/** A policy's document: as JSON, or what it grants. */
export function PolicyView({ load, deps, label, first = "json", actions }: Props) {
  const [shown, setShown] = useState<string>(first);
  const document = useLoad(async () => laidOut(await load()), deps);
  return (
    <SpaceBetween size="s">
      <SpaceBetween direction="horizontal" size="xs">
        <SegmentedControl
          label={`How to show ${label}`}
          selectedId={shown}
          onChange={(e) => setShown(e.detail.selectedId)}
          options={[
            { id: "summary", text: "Summary" },
            { id: "json", text: "JSON" },
          ]}
        />
        {document.data !== undefined && (
          navigator.clipboard
            ? <CopyToClipboard variant="button" copyButtonText="Copy JSON" copyButtonAriaLabel={`Copy JSON of ${label}`} textToCopy={document.data} copySuccessText="JSON copied" copyErrorText="JSON could not be copied" />
            : <Button onClick={() => download(label + ".json", document.data!, "application/json")}>Download JSON</Button>
        )}
        {actions}
      </SpaceBetween>
      <ErrorAlert error={document.error} onRetry={document.reload} />
      {document.data === undefined ? document.loading && <Spinner /> : shown === "json" ? <PolicyDocument text={document.data} label={label} /> : <PolicySummary document={document.data} />}
    </SpaceBetween>
  );
}
