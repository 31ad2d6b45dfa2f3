import { useRef } from "react";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { emptyStatement, freeSid, withStatements, type PolicyDocument } from "./document";
import type { Node } from "./json";
import type { PolicyKind } from "./kinds";
import { cloneStatement } from "./statement";
import { StatementBlock } from "./visual-statement";

interface Props {
  doc: PolicyDocument;
  onChange: (text: string) => void;
  account?: string;
  kind: PolicyKind;
  markLacks?: boolean;
}

/** The statements of a document, each a block of controls. */
export function VisualEditor({ doc, onChange, account, kind, markLacks }: Props) {
  // What a block remembers (a service that was chosen, what is open) goes with its statement.
  const ids = useRef<number[]>([]);
  const next = useRef(0);
  if (ids.current.length !== doc.statements.length) ids.current = doc.statements.map(() => next.current++);

  const apply = (statements: Node[], order: number[]) => {
    ids.current = order;
    onChange(withStatements(doc, statements));
  };
  const add = (at: number, node: Node) => apply(doc.statements.toSpliced(at, 0, node), ids.current.toSpliced(at, 0, next.current++));
  const move = (from: number, to: number) => {
    const turn = <T,>(list: T[]) => list.toSpliced(from, 1).toSpliced(to, 0, list[from]!);
    apply(turn(doc.statements), turn(ids.current));
  };

  return (
    <SpaceBetween size="m">
      {doc.statements.length === 0 && <Box color="text-body-secondary">This policy has no statements. Add permissions to begin.</Box>}
      {doc.statements.map((node, i) => (
        <StatementBlock
          key={ids.current[i]}
          text={doc.text}
          kind={kind}
          markLacks={markLacks}
          node={node}
          number={i + 1}
          count={doc.statements.length}
          account={account}
          onChange={(changed) => apply(doc.statements.with(i, changed), ids.current)}
          onSplit={(kept, split) => {
            const order = ids.current.toSpliced(i + 1, 0, next.current++);
            apply(doc.statements.toSpliced(i, 1, kept, cloneStatement(split, freeSid(doc.statements))), order);
          }}
          onClone={() => node.kind === "object" && add(i + 1, cloneStatement(node, freeSid(doc.statements)))}
          onRemove={() => apply(doc.statements.toSpliced(i, 1), ids.current.toSpliced(i, 1))}
          onMove={(by) => move(i, i + by)}
        />
      ))}
      <Button iconName="add-plus" onClick={() => add(doc.statements.length, emptyStatement(freeSid(doc.statements), kind))}>
        Add more permissions
      </Button>
    </SpaceBetween>
  );
}
