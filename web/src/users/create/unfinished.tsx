import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { ErrorAlert } from "../../shared/errors";
import type { Task } from "./draft";

interface Props {
  name: string;
  tasks: Task[];
  done: number;
  error: unknown;
  busy: boolean;
  onRetry: () => void;
  onGoOn: () => void;
}

/** The user is made, and not all of the rest: what was done, and what was not. */
export function Unfinished({ name, tasks, done, error, busy, onRetry, onGoOn }: Props) {
  return (
    <SpaceBetween size="l">
      <Alert type="warning" header={`User ${name} was created, but not all of it could be done`}>
        Retry goes on where it stopped. Or continue without, and do the rest on the user's page.
      </Alert>
      <ErrorAlert error={error} header={tasks[done] && `${tasks[done].text}: that did not work`} />
      <Container header={<Header>What was done</Header>}>
        <SpaceBetween size="xxs">
          {tasks.map((t, n) => (
            <StatusIndicator key={n} type={n < done ? "success" : n > done ? "pending" : busy ? "in-progress" : "error"}>
              {t.text}{n < done ? "" : n > done ? " (not done)" : busy ? "" : " (failed)"}
            </StatusIndicator>
          ))}
        </SpaceBetween>
      </Container>
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="primary" loading={busy} onClick={onRetry}>Retry</Button>
        <Button disabled={busy} onClick={onGoOn}>Continue without</Button>
      </SpaceBetween>
    </SpaceBetween>
  );
}
