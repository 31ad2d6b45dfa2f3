import type { Statement } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { PolicyDocument } from "../../policy/policy-document";
import { prettyDocument } from "../../policy/document";
import { ErrorAlert } from "../../shared/errors";
import { useLoad } from "../../shared/load";
import { placeOf } from "./place";
import { Decision } from "./results";
import { decisionWords, reasonOf, type Question, type Row } from "./simulate";

interface Props {
  question: Question;
  row: Row;
  onClose: () => void;
}

/** Why a row came out as it did: each statement that decided, in its document. */
export function Evidence({ question, row, onClose }: Props) {
  const n = row.statements.length;
  return (
    <Modal
      visible
      size="large"
      header={<span className="break-anywhere">{row.action}</span>}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={<Box float="right"><Button variant="primary" onClick={onClose}>Close</Button></Box>}
    >
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={2}
          minColumnWidth={250}
          items={[
            { label: "Permission", value: <Decision row={row} /> },
            { label: "Resource", value: <span className="break-anywhere">{row.resource}</span> },
            { label: "Reason", value: reasonOf(row) },
            ...(row.boundary !== undefined ? [{ label: "Permissions boundary", value: row.boundary ? "Allows" : "Does not allow" }] : []),
            ...(row.organizations !== undefined ? [{ label: "Organizations", value: { allowed: "Allows", denied: "Does not allow", "not all": "Does not allow all of the resources" }[row.organizations] }] : []),
            ...row.details.map(([label, d]) => ({ label, value: decisionWords[d] })),
            ...(row.missing.length > 0 ? [{ label: "Missing condition keys", value: <><span className="break-anywhere">{row.missing.join(", ")}</span>. Enter values under Condition keys and run the simulation again.</> }] : []),
          ]}
        />
        {row.statements.map((s, i) => (
          <Matched key={i} question={question} statement={s} title={`${n > 1 ? `Statement ${i + 1} of ${n} that` : "The statement that"} ${row.decision === "allowed" ? "allows" : "denies"} it`} />
        ))}
      </SpaceBetween>
    </Modal>
  );
}

function Matched({ question, statement, title }: { question: Question; statement: Statement; title: string }) {
  const place = useLoad(() => placeOf(question, statement), [question, statement]);
  const data = place.data;
  return (
    <SpaceBetween size="xs">
      <Box variant="h3">{title}</Box>
      <ErrorAlert error={place.error} onRetry={place.reload} />
      {!data && place.loading && <Spinner />}
      {data && (
        <>
          <Box>
            {data.name}{data.statement !== undefined && <>, statement {data.statement + 1}</>}
            <Box variant="small" display="block">{statement.SourcePolicyId}</Box>
          </Box>
          <PolicyDocument text={data.text.trim().includes("\n") ? data.text : prettyDocument(data.text)} highlight={data.statement} label={`Document of ${data.name}`} />
        </>
      )}
    </SpaceBetween>
  );
}
