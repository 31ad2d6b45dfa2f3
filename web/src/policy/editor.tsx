import { useRef, useState, type ReactNode } from "react";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { currentSession } from "../session";
import { emptyStatement, freeSid, isUnreadable, readDocument, withStatements } from "./document";
import { FindingsList } from "./findings-list";
import { JSONEditor, type JSONEditorHandle } from "./json-editor";
import { kinds, sizeOf, type PolicyKind } from "./kinds";
import { PolicyDocument } from "./policy-document";
import { usePolicyValidation, type Validate } from "./validation";
import { VisualEditor } from "./visual-editor";

export type EditorMode = "visual" | "json";

export interface PolicyEditorProps {
  value: string;
  onChange: (text: string) => void;
  kind: PolicyKind;
  /** How the text is checked; by ValidatePolicy unless told otherwise. */
  validate?: Validate;
  readOnly?: boolean;
  /** Where to begin: visual for an identity policy, JSON for others. */
  mode?: EditorMode;
  /** AWS's limit of characters, where it is not the kind's: inline policies. */
  limit?: number;
  /** The account that "this account" means; otherwise the session's. */
  account?: string;
  title?: string;
  description?: ReactNode;
  /** Marks statements that name no actions or no resources: when the person wanted to go on. */
  markLacks?: boolean;
}

/** A policy as text or by controls; both change the same text, and neither loses anything of it. */
export function PolicyEditor({ value, onChange, kind, validate, readOnly = false, mode, limit, account, title = "Policy editor", description, markLacks }: PolicyEditorProps) {
  const takesVisual = kinds[kind].visual && !readOnly;
  const [chosen, setMode] = useState<EditorMode>(mode ?? (kind === "identity" ? "visual" : "json"));
  const shown = takesVisual ? chosen : "json";
  const validation = usePolicyValidation(value, kind, validate);
  const code = useRef<JSONEditorHandle>(null);
  const [start, setStart] = useState<{ line: number; column: number }>();
  const doc = readDocument(value);

  const jump = (line: number, column: number) => {
    setStart({ line, column });
    if (shown === "json") code.current?.goTo(line, column);
    else setMode("json");
  };
  const toggle = (
    <SegmentedControl
      label="Policy editor mode"
      selectedId={shown}
      options={[{ id: "visual", text: "Visual" }, { id: "json", text: "JSON" }]}
      onChange={({ detail }) => {
        setStart(undefined);
        setMode(detail.selectedId as EditorMode);
      }}
    />
  );
  return (
    <Container header={<Header variant="h2" description={description} actions={takesVisual && toggle}>{title}</Header>}>
      <SpaceBetween size="m">
        {shown === "visual" && (isUnreadable(doc) ? (
          <Alert type="error" header="The visual editor can't show this document" action={<Button onClick={() => jump(doc.line, doc.column)}>Go to the place</Button>}>
            Line {doc.line}, column {doc.column + 1}: {doc.message}. Correct it in the JSON editor. Nothing of it is lost.
          </Alert>
        ) : (
          <VisualEditor doc={doc} kind={kind} markLacks={markLacks} onChange={onChange} account={account ?? currentSession()?.account.id} />
        ))}
        {shown === "json" && readOnly && <PolicyDocument text={value} />}
        {shown === "json" && !readOnly && (
          <JSONEditor ref={code} value={value} onChange={onChange} label="Policy document" findings={validation.findings} start={start} />
        )}
        {shown === "json" && !readOnly && (
          <Button
            iconName="add-plus"
            disabled={isUnreadable(doc)}
            onClick={() => !isUnreadable(doc) && onChange(withStatements(doc, [...doc.statements, emptyStatement(freeSid(doc.statements), kind)]))}
          >
            Add new statement
          </Button>
        )}
        <CharacterCount text={value} kind={kind} limit={limit} />
        <FindingsList validation={validation} onJump={readOnly ? undefined : jump} />
      </SpaceBetween>
    </Container>
  );
}

function CharacterCount({ text, kind, limit = kinds[kind].limit }: { text: string; kind: PolicyKind; limit?: number }) {
  const size = sizeOf(text, kind);
  const over = size > limit;
  return (
    <Box color={over ? "text-status-error" : "text-body-secondary"} fontSize="body-s">
      <span aria-live={over ? "polite" : "off"}>
        Characters: {size.toLocaleString("en")} of {limit.toLocaleString("en")}
        {kinds[kind].blanks ? "" : " (white space does not count)"}
        {over && ". The policy is too long."}
      </span>
    </Box>
  );
}
