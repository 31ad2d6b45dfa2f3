import { useState } from "react";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Tabs from "@cloudscape-design/components/tabs";
import { describe } from "../shared/errors";
import { findingTypes, firstPlace, type Finding, type Validation } from "./validation";

interface Props {
  validation: Validation;
  /** Goes to a place: a line from 1, a column from 0. */
  onJump?: (line: number, column: number) => void;
}

/** Findings by type, each with the places that it is about. */
export function FindingsList({ validation, onJump }: Props) {
  const { findings, checking, error } = validation;
  const [chosen, setChosen] = useState<string>();
  const groups = findingTypes.map((t) => ({ ...t, list: findings.filter((f) => f.findingType === t.type) }));
  const shown = chosen ?? groups.find((g) => g.list.length > 0)?.type ?? "SECURITY_WARNING";
  return (
    <SpaceBetween size="xs">
      <div aria-live="polite">
        {checking && <StatusIndicator type="in-progress">Checking the policy</StatusIndicator>}
        {!checking && error !== undefined && <StatusIndicator type="warning">{unchecked(error)}</StatusIndicator>}
        {!checking && error === undefined && <Box color="text-body-secondary">{countText(findings)}</Box>}
      </div>
      <div aria-busy={checking} className={checking ? "policy-stale" : undefined}>
        <Tabs
          ariaLabel="Findings"
          i18nStrings={{ scrollLeftAriaLabel: "Scroll the types of findings left", scrollRightAriaLabel: "Scroll the types of findings right" }}
          activeTabId={shown}
          onChange={({ detail }) => setChosen(detail.activeTabId)}
          tabs={groups.map((g) => ({
            id: g.type,
            label: `${g.title} (${g.list.length})`,
            content: g.list.length === 0 ? <Box color="text-body-secondary">{nothing(g.title)}</Box> : <FindingsPage key={g.list.length} list={g.list} onJump={onJump} />,
          }))}
        />
      </div>
    </SpaceBetween>
  );
}

function countText(findings: Finding[]): string {
  if (findings.length === 0) return "No findings.";
  return findings.length === 1 ? "1 finding." : `${findings.length} findings.`;
}

function nothing(title: string): string {
  return title === "Security" ? "No security warnings." : `No ${title.toLowerCase()}.`;
}

function unchecked(error: unknown): string {
  const e = describe(error);
  return e.denied
    ? "The policy was not checked: you need the permission access-analyzer:ValidatePolicy for findings."
    : `The policy could not be checked: ${e.message}`;
}

const perPage = 10;

function FindingsPage({ list, onJump }: { list: Finding[]; onJump: Props["onJump"] }) {
  const [page, setPage] = useState(1);
  const pages = Math.ceil(list.length / perPage);
  return (
    <SpaceBetween size="xs">
      <ul className="policy-findings">
        {list.slice((page - 1) * perPage, page * perPage).map((f, i) => (
          <li key={i}>
            <Places finding={f} onJump={onJump} />{" "}
            <span className="break-anywhere">{f.findingDetails}</span>{" "}
            {/^https:\/\//.test(f.learnMoreLink) && (
              <Link href={f.learnMoreLink} external externalIconAriaLabel="Opens in a new tab" ariaLabel={`Learn more about ${f.issueCode}`}>
                Learn more
              </Link>
            )}
          </li>
        ))}
      </ul>
      {pages > 1 && (
        <Pagination
          currentPageIndex={page}
          pagesCount={pages}
          onChange={({ detail }) => setPage(detail.currentPageIndex)}
          ariaLabels={{ nextPageLabel: "Next page", previousPageLabel: "Previous page", pageLabel: (n) => `Page ${n} of findings` }}
        />
      )}
    </SpaceBetween>
  );
}

function Places({ finding, onJump }: { finding: Finding; onJump: Props["onJump"] }) {
  const first = firstPlace(finding);
  const text = `Ln ${first.line}, Col ${first.column + 1}`;
  const more = finding.locations.length > 1 && ` and ${finding.locations.length - 1} more`;
  return (
    <>
      {onJump ? (
        <Link href="#" onFollow={(e) => (e.preventDefault(), onJump(first.line, first.column))} ariaLabel={`${text}: go to the place of ${finding.issueCode}`}>
          {text}
        </Link>
      ) : (
        <b>{text}</b>
      )}
      {more}
    </>
  );
}
