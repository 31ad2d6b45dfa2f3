import { useState } from "react";
import Box from "@cloudscape-design/components/box";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { diffLines, sideBySide, type DiffLine } from "./diff";
import { prettyDocument } from "./document";
import { Coloured } from "./policy-document";
import "./policy.css";

interface Props {
  before: string;
  after: string;
  /** What the two are called: "Version 1". */
  beforeLabel?: string;
  afterLabel?: string;
}

/** What tells two documents apart, line by line. */
export function PolicyDiff({ before, after, beforeLabel = "Before", afterLabel = "After" }: Props) {
  const [view, setView] = useState(() => (window.matchMedia("(max-width: 700px)").matches ? "unified" : "side"));
  const [layout, setLayout] = useState(true);
  const lines = layout ? diffLines(prettyDocument(before), prettyDocument(after)) : diffLines(before, after);
  const count = (kind: DiffLine["kind"]) => lines.filter((l) => l.kind === kind).length;
  const added = count("added"), removed = count("removed");
  const label = `Differences between ${beforeLabel} and ${afterLabel}`;
  return (
    <SpaceBetween size="s">
      <SpaceBetween direction="horizontal" size="m" alignItems="center">
        <SegmentedControl label="View of differences" selectedId={view} options={[{ id: "side", text: "Side by side" }, { id: "unified", text: "Unified" }]} onChange={({ detail }) => setView(detail.selectedId)} />
        <Toggle checked={layout} onChange={({ detail }) => setLayout(detail.checked)}>Ignore layout</Toggle>
        <Box color="text-body-secondary">
          {added + removed === 0 ? "No differences." : `${added} ${added === 1 ? "line" : "lines"} added, ${removed} removed.`}
        </Box>
      </SpaceBetween>
      <div className="policy-text" tabIndex={0} role="group" aria-label={label}>
        {view === "side" ? <SideBySide lines={lines} before={beforeLabel} after={afterLabel} label={label} /> : <Unified lines={lines} label={label} />}
      </div>
    </SpaceBetween>
  );
}

const signs = { same: " ", added: "+", removed: "-" };
const words = { same: "", added: "Added: ", removed: "Removed: " };

function Cell({ line, sign = false }: { line: DiffLine | undefined; sign?: boolean }) {
  if (!line) return <td className="policy-line policy-gone" />;
  return (
    <td className={`policy-line${line.kind === "same" ? "" : ` policy-${line.kind}`}`}>
      <span className="visually-hidden">{words[line.kind]}</span>
      {sign && <span aria-hidden="true">{signs[line.kind]} </span>}
      <Coloured line={line.text} />
    </td>
  );
}

function SideBySide({ lines, before, after, label }: { lines: DiffLine[]; before: string; after: string; label: string }) {
  return (
    <table className="policy-diff" aria-label={label}>
      <thead>
        <tr>
          <th colSpan={2} scope="col">{before}</th>
          <th colSpan={2} scope="col">{after}</th>
        </tr>
      </thead>
      <tbody>
        {sideBySide(lines).map(({ left, right }, i) => (
          <tr key={i}>
            <td className="policy-number">{left?.before}</td>
            <Cell line={left} />
            <td className="policy-number">{right?.after}</td>
            <Cell line={right} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Unified({ lines, label }: { lines: DiffLine[]; label: string }) {
  return (
    <table className="policy-diff policy-unified" aria-label={label}>
      <tbody>
        {lines.map((line, i) => (
          <tr key={i}>
            <td className="policy-number">{line.before}</td>
            <td className="policy-number">{line.after}</td>
            <Cell line={line} sign />
          </tr>
        ))}
      </tbody>
    </table>
  );
}
