import { useState } from "react";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { AddCondition } from "./add-condition";
import { AddPrincipal } from "./add-principal";
import { isUnreadable, readDocument, withStatements } from "./document";
import { PolicyEditor, type PolicyEditorProps } from "./editor";
import type { Node, ObjectNode } from "./json";
import { withPrincipal } from "./principal";
import { useServiceDetails } from "./reference";
import { opaque, viewStatement, withConditions } from "./statement";

type Props = Omit<PolicyEditorProps, "kind" | "mode">;

/** A role's trust policy: its JSON, and beside it ways to add principals and conditions. */
export function TrustEditor(props: Props) {
  const editor = <PolicyEditor title="Trust policy" {...props} kind="trust" />;
  if (props.readOnly) return editor;
  return (
    <div className="policy-beside">
      {editor}
      <EditStatement {...props} />
    </div>
  );
}

function EditStatement({ value, onChange, account }: Props) {
  const [chosen, setChosen] = useState(0);
  const [dialog, setDialog] = useState<"principal" | "condition">();
  const [refusal, setRefusal] = useState<string>();
  const sts = useServiceDetails(["sts"]);
  const doc = readDocument(value);
  const statements = isUnreadable(doc) ? [] : doc.statements;
  const index = Math.min(chosen, statements.length - 1);
  const node = statements[index];
  const good = node !== undefined && opaque(node) === undefined;
  const view = good ? viewStatement(node as ObjectNode) : undefined;
  const options = statements.map((s, i) => ({ value: String(i), label: labelOf(s, i) }));

  const change = (changed: ObjectNode) => {
    setDialog(undefined);
    setRefusal(undefined);
    if (!isUnreadable(doc)) onChange(withStatements(doc, doc.statements.with(index, changed)));
  };
  return (
    <Container header={<Header variant="h2">Edit statement</Header>}>
      <SpaceBetween size="m">
        {statements.length === 0 && <Box color="text-body-secondary">{isUnreadable(doc) ? "The document is not JSON yet." : "Add a new statement to begin."}</Box>}
        {statements.length > 1 && (
          <FormField label="Statement">
            <Select selectedOption={options[index] ?? null} options={options} onChange={({ detail }) => setChosen(Number(detail.selectedOption.value))} />
          </FormField>
        )}
        {node && !good && <Box color="text-body-secondary">{opaque(node)}</Box>}
        <FormField label="Add a principal" description="Who may assume the role.">
          <Button iconName="add-plus" ariaLabel="Add a principal" disabled={!good} onClick={() => setDialog("principal")}>Add</Button>
        </FormField>
        <FormField label="Add a condition (optional)" description="When they may.">
          <Button iconName="add-plus" ariaLabel="Add a condition" disabled={!view?.conditions} onClick={() => setDialog("condition")}>Add</Button>
        </FormField>
        {refusal && <Alert type="warning" dismissible dismissAriaLabel="Close" onDismiss={() => setRefusal(undefined)}>{refusal}</Alert>}
      </SpaceBetween>
      {dialog === "principal" && good && (
        <AddPrincipal
          account={account}
          onCancel={() => setDialog(undefined)}
          onAdd={(choice, principal) => {
            const changed = withPrincipal(node as ObjectNode, choice, principal);
            if (changed) return change(changed);
            setDialog(undefined);
            setRefusal("The statement's principal has a form that nothing can be added to. Change it in the JSON.");
          }}
        />
      )}
      {dialog === "condition" && view?.conditions && (
        <AddCondition
          services={[...(sts.data?.values() ?? [])]}
          patterns={view.actions ?? []}
          onCancel={() => setDialog(undefined)}
          onSave={(row) => change(withConditions(node as ObjectNode, [...view.conditions!, row]))}
        />
      )}
    </Container>
  );
}

function labelOf(node: Node, index: number): string {
  const sid = node.kind === "object" ? viewStatement(node).sid : undefined;
  return sid ? `${index + 1}: ${sid}` : `Statement ${index + 1}`;
}
