import { useEffect, useId, useImperativeHandle, useRef, useState, type Ref } from "react";
import Box from "@cloudscape-design/components/box";
import Spinner from "@cloudscape-design/components/spinner";
import type * as Ace from "./ace";
import { themeOf, useDark } from "./dark";
import { findingTypes, firstPlace, type Finding } from "./validation";
import { ErrorAlert } from "../shared/errors";
import "./policy.css";

export interface JSONEditorHandle {
  /** Puts the cursor at a line, from 1, and a column, from 0, and the keyboard there. */
  goTo(line: number, column: number): void;
}

interface Props {
  value: string;
  onChange: (text: string) => void;
  label: string;
  findings?: Finding[];
  readOnly?: boolean;
  /** Where to begin: a line from 1, a column from 0. */
  start?: { line: number; column: number };
  ref?: Ref<JSONEditorHandle>;
}

/** A text editor for JSON, with findings in its margin. */
export function JSONEditor({ value, onChange, label, findings = [], readOnly = false, start, ref }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Ace.Editor>();
  const [error, setError] = useState<unknown>();
  const dark = useDark();
  const hint = useId();
  const first = useRef({ value, label, readOnly, dark, start });
  const changed = useRef(onChange);
  changed.current = onChange;

  useEffect(() => {
    let made: Ace.Editor | undefined;
    let gone = false;
    import("./ace").then((ace) => {
      if (gone || !place.current) return;
      made = ace.createEditor(place.current, first.current);
      made.on("change", () => changed.current(made!.getValue()));
      if (first.current.start) goTo(made, first.current.start.line, first.current.start.column);
      setEditor(made);
    }, setError);
    return () => {
      gone = true;
      made?.destroy();
      made?.container.replaceChildren();
    };
  }, []);

  useEffect(() => {
    if (editor && editor.getValue() !== value) editor.setValue(value, -1);
  }, [editor, value]);
  useEffect(() => {
    editor?.setReadOnly(readOnly);
  }, [editor, readOnly]);
  useEffect(() => {
    editor?.setTheme(themeOf(dark));
  }, [editor, dark]);
  useEffect(() => {
    editor?.session.setAnnotations(findings.flatMap(annotations));
  }, [editor, findings]);

  useImperativeHandle(ref, () => ({ goTo: (line, column) => editor && goTo(editor, line, column) }), [editor]);

  return (
    <div className="policy-code" aria-describedby={hint} role="group" aria-label={label}>
      {error !== undefined && <ErrorAlert error={error} header="The editor could not be loaded" />}
      {!editor && error === undefined && <Box padding="l" textAlign="center"><Spinner /> Loading editor</Box>}
      <div ref={place} className="policy-code-area" />
      <div id={hint} className="policy-hint">
        {readOnly ? "Read only." : "With the keyboard: Enter begins to edit, Escape then Tab leaves the editor."}
      </div>
    </div>
  );
}

function goTo(editor: Ace.Editor, line: number, column: number): void {
  editor.gotoLine(line, column, false);
  editor.focus();
}

function annotations(finding: Finding): Ace.Annotation[] {
  const type = findingTypes.find((t) => t.type === finding.findingType)?.mark ?? "info";
  const places = finding.locations.length > 0 ? finding.locations.map((l) => l.span.start) : [firstPlace(finding)];
  return places.map((p) => ({ row: p.line - 1, column: p.column, text: finding.findingDetails, type })) as Ace.Annotation[];
}
