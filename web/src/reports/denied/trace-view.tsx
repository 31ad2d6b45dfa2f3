import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useSession } from "../../session";
import { Copy } from "../../shared/copy";
import { at, follow, link } from "../../shared/link";
import { showTime } from "../../shared/time";
import { EntityLink } from "../entity";
import { ContextTable, Long, SimulatorButton } from "./parts";
import { resultOf, settled, titleOf, type Trace, type TracedStatement, type TracedType } from "./trace";

/** A denial: what was asked, what settled it, and what each policy said. */
export function TraceView({ trace }: { trace: Trace }) {
  const { account } = useSession()!;
  const { principal } = trace;
  const context = trace.context ?? [];
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" actions={<SimulatorButton arn={principal.arn} action={trace.action} resource={trace.resource} context={context} />}>
            <span className="break-anywhere">Denied: {trace.action}</span>
          </Header>
        }
      >
        <SpaceBetween size="m">
          <Alert type="error" header={trace.explicitDeny ? "Denied explicitly" : "Not allowed"}>
            <span className="break-anywhere">{trace.reason}</span>
          </Alert>
          <KeyValuePairs
            columns={2}
            minColumnWidth={250}
            items={[
              { label: "Caller", value: principal.account ? <EntityLink arn={principal.arn} account={account.id} /> : "Anonymous" },
              { label: "Caller ARN", value: <Long text={principal.arn} /> },
              { label: "Action", value: trace.action },
              { label: "Resource", value: <Long text={trace.resource || "-"} /> },
              { label: "Time", value: showTime(trace.time) },
              { label: "Request ID", value: <Copy text={trace.requestId} label="Request ID" /> },
              ...(principal.account ? [{ label: "User ID and access key", value: <Long text={[principal.id, principal.accessKeyId].filter(Boolean).join(", ")} /> }] : []),
              ...(trace.crossAccount && principal.account
                ? [{ label: "Account of the resource", value: `${trace.resourceAccount || "Another account"}: both sides must allow it` }]
                : []),
              { label: "What the caller was told", value: <Long text={trace.message} /> },
            ]}
          />
        </SpaceBetween>
      </Container>
      {trace.types?.map((t, n) => <Type key={n} type={t} decisive={trace.decidedBy === t.type} trace={trace} />)}
      {trace.missingContextKeys && trace.missingContextKeys.length > 0 && (
        <Alert type="info" header="Condition keys that were asked for and not in the request">
          <span className="break-anywhere">{trace.missingContextKeys.join(", ")}</span>
        </Alert>
      )}
      <ContextTable keys={context} />
      {trace.omitted?.map((what) => <Alert key={what} type="info" header="Left out">{what}</Alert>)}
    </SpaceBetween>
  );
}

const looks = { allowed: "success", implicitDeny: "warning", explicitDeny: "error" } as const;

function Type({ type, decisive, trace }: { type: TracedType; decisive: boolean; trace: Trace }) {
  const decided = (s: TracedStatement) => decisive && s.policy === trace.policy && s.statement === trace.statement;
  const title = titleOf(type);
  return (
    <Table<TracedStatement>
      items={type.statements}
      wrapLines
      ariaLabels={{ tableLabel: title }}
      header={
        <Header
          variant="h3"
          counter={`(${type.statements.length})`}
          description={<StatusIndicator type={type.overridden ? "stopped" : looks[type.result]}>{resultOf(type)}{decisive && <b> – this settled it</b>}</StatusIndicator>}
        >
          {title}
        </Header>
      }
      empty={<Box textAlign="center" color="inherit">No statements</Box>}
      columnDefinitions={[
        { id: "policy", header: "Policy", isRowHeader: true, minWidth: 170, cell: (s) => <PolicyOf id={s.policy} /> },
        { id: "statement", header: "Statement", minWidth: 130, cell: (s) => (s.statement < 0 ? "The whole policy" : `${s.statement + 1}${s.line ? ` (line ${s.line})` : ""}${s.sid ? `, ${s.sid}` : ""}`) },
        { id: "effect", header: "Effect", minWidth: 90, cell: (s) => s.effect || "-" },
        {
          id: "applies",
          header: "Applies",
          minWidth: 280,
          cell: (s) => (
            <StatusIndicator type={s.applies ? (s.effect === "Deny" ? "error" : "success") : "stopped"}>
              <span className="break-anywhere">{settled(s)}{decided(s) && <b> – this statement settled it</b>}</span>
            </StatusIndicator>
          ),
        },
      ]}
    />
  );
}

/** A managed policy has a page; an inline one stands on its holder's. */
function PolicyOf({ id }: { id: string }) {
  if (/^arn:[^:]*:iam::[^:]*:policy\//.test(id)) return <Link {...link(at("policies", id))} onFollow={follow}><span className="break-anywhere">{id.slice(id.lastIndexOf("/") + 1)}</span></Link>;
  return <span className="break-anywhere">{id || "-"}</span>;
}
