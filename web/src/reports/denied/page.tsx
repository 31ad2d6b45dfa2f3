import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Textarea from "@cloudscape-design/components/textarea";
import { useEffect, useState } from "react";
import { whyNot } from "../../shared/allowed";
import { describe, ErrorAlert, isMissing } from "../../shared/errors";
import { at, go } from "../../shared/link";
import { useLoad } from "../../shared/load";
import { Page } from "../../shared/page";
import { useParam } from "../../shared/param";
import { DecodedView } from "./decoded-view";
import { TraceView } from "./trace-view";
import { decode, findIn, traceOf } from "./trace";

/** "/denied" and "/denied/REQUEST-ID": why a call was denied. */
export default function DeniedRequests() {
  const requestId = useParam("requestId");
  const [text, setText] = useState(requestId);
  const [message, setMessage] = useState<string>();
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    if (requestId) setText(requestId);
    setMessage(undefined);
  }, [requestId]);
  const read = () => {
    const found = findIn(text);
    setFault(found ? undefined : "Enter the request ID of a denied call, or the encoded message of its error.");
    if (found && "requestId" in found) {
      setMessage(undefined);
      go(at("denied", found.requestId));
    } else if (found) setMessage(found.message);
  };
  return (
    <Page title="Denied requests" description="Why was this denied? Every denial is kept with what each policy said to it: the newest 10,000, for 90 days.">
      <Container header={<Header variant="h2">Which request</Header>}>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            read();
          }}
        >
          <SpaceBetween size="s">
            <FormField
              label="Request ID or encoded message"
              description="Paste the request ID (x-amzn-RequestId), an encoded authorization message, or the whole error text with either in it."
              errorText={fault}
              stretch
            >
              <Textarea value={text} rows={text.length > 200 ? 6 : 2} spellcheck={false} onChange={(e) => setText(e.detail.value)} />
            </FormField>
            <Button variant="primary" formAction="submit">Show why</Button>
          </SpaceBetween>
        </form>
      </Container>
      {message !== undefined ? <Message key={message} message={message} /> : requestId && <Denial key={requestId} requestId={requestId} />}
    </Page>
  );
}

/** Who may not ask why is told what to ask for: the way to this page would lead back. */
function Refused(props: { error: unknown; header?: string; onRetry: () => void }) {
  if (props.error === undefined || !describe(props.error).denied) return <ErrorAlert {...props} />;
  return (
    <Alert type="error" header={whyNot("sts:DecodeAuthorizationMessage")} action={<Button onClick={props.onRetry}>Retry</Button>}>
      To see why a request was denied, ask an administrator for the permission sts:DecodeAuthorizationMessage, or give the administrator the request ID or the encoded message to look at here.
    </Alert>
  );
}

function Denial({ requestId }: { requestId: string }) {
  const trace = useLoad(() => traceOf(requestId), [requestId]);
  return (
    <>
      <Refused error={trace.error} header={isMissing(trace.error) ? "No such denial" : undefined} onRetry={trace.reload} />
      {trace.data ? <TraceView trace={trace.data} /> : trace.loading && <Spinner size="large" />}
    </>
  );
}

function Message({ message }: { message: string }) {
  const decoded = useLoad(() => decode(message), [message]);
  return (
    <>
      <Refused error={decoded.error} header="The message could not be decoded" onRetry={decoded.reload} />
      {decoded.data ? <DecodedView decoded={decoded.data} /> : decoded.loading && <Spinner size="large" />}
    </>
  );
}
