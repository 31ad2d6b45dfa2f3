import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { Component, type ReactNode } from "react";
import { link } from "./link";

export interface AwsError {
  code: string;
  message: string;
  requestId?: string;
  denied: boolean;
}

/** What AWS said, from whatever was thrown. */
export function describe(error: unknown): AwsError {
  if (!(error instanceof Error)) return { code: "Error", message: String(error), denied: false };
  const e = error as Error & { Code?: string; $metadata?: { requestId?: string; httpStatusCode?: number } };
  const code = e.Code ?? e.name;
  const denied = /^AccessDenied/.test(code);
  const gone = code === "TypeError" && /fetch|network/i.test(e.message); // what browsers say of it
  return {
    code: gone ? "Unreachable" : code,
    message: gone ? "The server does not answer. Check that iamd is running, then try again." : e.message,
    requestId: e.$metadata?.requestId,
    denied,
  };
}

/** Tells whether an error is AWS's "there is no such thing". */
export function isMissing(error: unknown): boolean {
  return /^NoSuchEntity|NotFound/.test(describe(error).code);
}

/** An error, in AWS's words, with what to do about it. */
export function ErrorAlert({ error, header, onRetry }: { error: unknown; header?: string; onRetry?: () => void }) {
  if (error === undefined) return null;
  const e = describe(error);
  return (
    <Alert
      type="error"
      header={header ?? (e.denied ? "You don't have permission" : "That did not work")}
      action={onRetry && <Button onClick={onRetry}>Retry</Button>}
    >
      <div className="break-anywhere">{e.message}</div>
      <Box fontSize="body-s" color="inherit">
        {e.code}
        {e.requestId && <> · request {e.requestId}</>}
        {e.denied && e.requestId && <> · <a {...link(`/denied/${e.requestId}`)}>Why was this denied?</a></>}
      </Box>
    </Alert>
  );
}

/** Shows a fault of a page instead of an empty window. */
export class Boundary extends Component<{ children: ReactNode; at: string }, { error?: unknown; at: string }> {
  override state: { error?: unknown; at: string } = { at: this.props.at };
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  static getDerivedStateFromProps(props: { at: string }, state: { at: string }) {
    return props.at === state.at ? null : { error: undefined, at: props.at };
  }
  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <Box padding="l">
        <ErrorAlert error={this.state.error} header="This page has a fault" onRetry={() => location.reload()} />
      </Box>
    );
  }
}
