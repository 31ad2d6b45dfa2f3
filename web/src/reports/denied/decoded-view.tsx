import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { PolicyDocument } from "../../policy/policy-document";
import { useSession } from "../../session";
import { EntityLink } from "../entity";
import { ContextTable, Long, SimulatorButton } from "./parts";
import type { Decoded } from "./trace";

/** A decoded authorization message: less than a trace, as AWS's are. */
export function DecodedView({ decoded }: { decoded: Decoded }) {
  const { account } = useSession()!;
  const { principal } = decoded;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" actions={<SimulatorButton arn={principal.arn} action={decoded.action} resource={decoded.resource} context={decoded.context} />}>
            <span className="break-anywhere">Denied: {decoded.action}</span>
          </Header>
        }
      >
        <SpaceBetween size="m">
          <Alert type="error" header={decoded.explicitDeny ? "Denied explicitly" : "Not allowed"}>
            {decoded.explicitDeny ? "The statement below denies it: a Deny outweighs every Allow." : "No statement of the policies that apply allows it, and what is not allowed is denied."}
          </Alert>
          <KeyValuePairs
            columns={2}
            minColumnWidth={250}
            items={[
              { label: "Caller", value: <EntityLink arn={principal.arn} account={account.id} /> },
              { label: "Caller ARN", value: <Long text={principal.arn} /> },
              { label: "User ID", value: <Long text={principal.id} /> },
              { label: "Action", value: decoded.action },
              { label: "Resource", value: <Long text={decoded.resource || "-"} /> },
            ]}
          />
        </SpaceBetween>
      </Container>
      {decoded.statements.length > 0 && (
        <Table
          items={decoded.statements}
          wrapLines
          ariaLabels={{ tableLabel: "Matched statements" }}
          header={<Header variant="h3" counter={`(${decoded.statements.length})`}>Matched statements</Header>}
          columnDefinitions={[
            { id: "sid", header: "Sid", isRowHeader: true, cell: (s) => s.sid || "-" },
            { id: "effect", header: "Effect", cell: (s) => s.effect },
            { id: "actions", header: "Actions", cell: (s) => <Long text={s.actions.join(", ") || "-"} /> },
            { id: "resources", header: "Resources", cell: (s) => <Long text={s.resources.join(", ") || "-"} /> },
            { id: "conditions", header: "Conditions", cell: (s) => <Long text={s.conditions.map((k) => `${k.key}: ${k.values.join(", ")}`).join("; ") || "-"} /> },
          ]}
        />
      )}
      <ContextTable keys={decoded.context} />
      {decoded.omitted && <Alert type="info" header="Left out">{decoded.omitted}</Alert>}
      <ExpandableSection variant="container" headerText="Decoded message">
        <PolicyDocument text={decoded.text} label="Decoded message" />
      </ExpandableSection>
    </SpaceBetween>
  );
}
