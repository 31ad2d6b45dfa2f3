import { useEffect, useRef } from "react";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { statementLines } from "./document";
import { FindingsList } from "./findings-list";
import type { Finding } from "./validation";
import "./policy.css";

interface Props {
  text: string;
  findings?: Finding[];
  /** The statement to point at, from 0. */
  highlight?: number;
  label?: string;
}

/** A policy document to be read, with line numbers. */
export function PolicyDocument({ text, findings, highlight, label = "Policy document" }: Props) {
  const marked = highlight === undefined ? undefined : statementLines(text, highlight);
  const place = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (highlight !== undefined) place.current?.querySelector(".policy-marked")?.scrollIntoView({ block: "nearest" });
  }, [text, highlight]);
  return (
    <SpaceBetween size="s">
      <pre ref={place} className="policy-text" tabIndex={0} role="group" aria-label={marked ? `${label}; statement ${highlight! + 1} is marked, lines ${marked.first} to ${marked.last}` : label}>
        <ol>
          {text.split("\n").map((line, i) => (
            <li key={i} className={marked && i + 1 >= marked.first && i + 1 <= marked.last ? "policy-marked" : undefined}>
              <span className="policy-number" aria-hidden="true">{i + 1}</span>
              <code className="policy-line"><Coloured line={line} /></code>
            </li>
          ))}
        </ol>
      </pre>
      {findings && <FindingsList validation={{ findings, checking: false }} />}
    </SpaceBetween>
  );
}

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d[\d.eE+-]*/g;

/** A line of JSON with its names, strings and other scalars told apart. */
export function Coloured({ line }: { line: string }) {
  const parts = [];
  let at = 0;
  for (const m of line.matchAll(token)) {
    if (m.index > at) parts.push(line.slice(at, m.index));
    const kind = m[2] !== undefined ? "policy-key" : m[1] !== undefined ? "policy-string" : "policy-literal";
    parts.push(<span key={at} className={kind}>{m[1] ?? m[0]}</span>, m[2] ?? "");
    at = m.index + m[0].length;
  }
  parts.push(line.slice(at));
  return <>{parts}</>;
}
