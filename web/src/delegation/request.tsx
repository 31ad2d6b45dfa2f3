import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Textarea from "@cloudscape-design/components/textarea";
import {
  AcceptDelegationRequestCommand, AssociateDelegationRequestCommand, GetDelegationRequestCommand, GetHumanReadableSummaryCommand,
  RejectDelegationRequestCommand, SendDelegationTokenCommand, UpdateDelegationRequestCommand, type DelegationRequest,
} from "@aws-sdk/client-iam";
import { useState } from "react";
import { iam } from "../aws";
import { PolicyDocument } from "../policy/policy-document";
import { useSession } from "../session";
import { ActionButton } from "../shared/action-button";
import { Confirm } from "../shared/confirm";
import { EditDialog } from "../shared/edit-dialog";
import { ErrorAlert, isMissing } from "../shared/errors";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { showTime } from "../shared/time";
import { RequestState } from "./state";

/** One delegation request: who asks for what, and what one can do about it. */
export default function DelegationRequestPage() {
  const id = useParam("id");
  const session = useSession()!;
  const arn = `arn:aws:iam::${session.account.id}:delegation-request/${id}`;
  const found = useLoad(async () => {
    const { DelegationRequest } = await iam().send(new GetDelegationRequestCommand({ DelegationRequestId: id }));
    const summary = await iam().send(new GetHumanReadableSummaryCommand({ EntityArn: arn })).catch(() => undefined);
    return { request: DelegationRequest!, summary: summary?.SummaryContent };
  }, [id]);
  const above: [string, string][] = [["Delegation requests", "/delegation-requests"]];
  if (!found.data) {
    return (
      <Page title={`Delegation request ${id}`} above={above}>
        {found.loading ? <Box textAlign="center"><Spinner /></Box> : <NotYours id={id} arn={arn} error={found.error} onTaken={found.reload} />}
      </Page>
    );
  }
  const { request, summary } = found.data;
  return (
    <Page title={`Delegation request ${id}`} above={above} actions={<Actions request={request} arn={arn} onDone={found.reload} />}>
      {request.State === "UNASSIGNED" && <Alert type="info">Nobody owns this request yet. Take it on to decide about it.</Alert>}
      <Container header={<Header description={request.Description}>Request</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: "Requested by", value: `${request.RequestorName ?? ""} (${request.RequestorId})` },
            { label: "Status", value: <RequestState state={request.State} /> },
            { label: "Access lasts", value: `${Math.round((request.SessionDuration ?? 0) / 60)} minutes, once it begins` },
            { label: "Message", value: request.RequestMessage ?? "-" },
            { label: "Created", value: showTime(request.CreateDate) },
            { label: "Expires", value: showTime(request.ExpirationTime) },
            { label: "Owner", value: request.OwnerId ?? "-" },
            { label: "Approved by", value: request.ApproverId ?? "-" },
            { label: "Notes", value: request.Notes ?? request.RejectionReason ?? "-" },
          ]}
        />
      </Container>
      {summary && (
        <Container header={<Header>In short</Header>}>
          <div className="pre-line">{summary}</div>
        </Container>
      )}
      <Container header={<Header description="What the provider could do, and never more than who approves may do.">Permissions asked for</Header>}>
        <PolicyDocument text={request.PermissionPolicy ?? ""} />
      </Container>
    </Page>
  );
}

/** A request that nobody of the account has taken on can't be looked at: taking it
 * on is asking for it by its id. */
function NotYours({ id, arn, error, onTaken }: { id: string; arn: string; error: unknown; onTaken: () => void }) {
  return (
    <SpaceBetween size="m">
      <ErrorAlert error={error} onRetry={onTaken} />
      {isMissing(error) && <Take id={id} arn={arn} onDone={onTaken} />}
    </SpaceBetween>
  );
}

function Take({ id, arn, onDone }: { id: string; arn: string; onDone: () => void }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <ActionButton action="iam:AssociateDelegationRequest" resource={arn} variant="primary" onClick={() => setAsking(true)}>Take on this request</ActionButton>
      {asking && (
        <Confirm
          title="Take on this request?" button="Take on"
          work={() => iam().send(new AssociateDelegationRequestCommand({ DelegationRequestId: id }))}
          onCancel={() => setAsking(false)}
          onDone={() => (setAsking(false), notify("success", "The request is yours now."), onDone())}
        >
          You become its owner. Nothing is granted by that.
        </Confirm>
      )}
    </>
  );
}

type Step = "accept" | "reject" | "send" | "forward";

function Actions({ request, arn, onDone }: { request: DelegationRequest; arn: string; onDone: () => void }) {
  const [step, setStep] = useState<Step>();
  const [notes, setNotes] = useState("");
  const id = request.DelegationRequestId!;
  const done = (text: string) => {
    setStep(undefined);
    notify("success", text);
    onDone();
  };
  const waits = request.State === "ASSIGNED" || request.State === "PENDING_APPROVAL";
  const text = notes.trim() || undefined;
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {request.State === "UNASSIGNED" && <Take id={id} arn={arn} onDone={onDone} />}
      {waits && <ActionButton action="iam:RejectDelegationRequest" resource={arn} onClick={() => setStep("reject")}>Reject</ActionButton>}
      {request.State === "ASSIGNED" && <ActionButton action="iam:UpdateDelegationRequest" resource={arn} onClick={() => setStep("forward")}>Ask an administrator</ActionButton>}
      {waits && <ActionButton action="iam:AcceptDelegationRequest" resource={arn} variant="primary" onClick={() => setStep("accept")}>Approve</ActionButton>}
      {request.State === "ACCEPTED" && <ActionButton action="iam:SendDelegationToken" resource={arn} variant="primary" onClick={() => setStep("send")}>Give access</ActionButton>}
      {step === "accept" && (
        <Confirm
          title="Approve this request?" button="Approve" warning="The provider can do what the policy says, as far as you may do it yourself, for as long as the access lasts."
          work={() => iam().send(new AcceptDelegationRequestCommand({ DelegationRequestId: id }))}
          onCancel={() => setStep(undefined)} onDone={() => done("Approved. Give access to let it begin.")}
        >
          Access begins when its owner sends the token.
        </Confirm>
      )}
      {step === "send" && (
        <Confirm
          title="Give access?" button="Give access"
          work={() => iam().send(new SendDelegationTokenCommand({ DelegationRequestId: id }))}
          onCancel={() => setStep(undefined)} onDone={() => done("The provider was given access.")}
        >
          The provider gets a token that it can use for the time it asked for.
        </Confirm>
      )}
      {(step === "reject" || step === "forward") && (
        <EditDialog
          title={step === "reject" ? "Reject this request?" : "Ask an administrator"}
          button={step === "reject" ? "Reject" : "Send"}
          ready={notes.length <= 500}
          work={() =>
            step === "reject"
              ? iam().send(new RejectDelegationRequestCommand({ DelegationRequestId: id, Notes: text }))
              : iam().send(new UpdateDelegationRequestCommand({ DelegationRequestId: id, Notes: text }))
          }
          onCancel={() => setStep(undefined)}
          onDone={() => done(step === "reject" ? "Rejected." : "The request waits for an administrator now.")}
        >
          <FormField label={<>Notes <i>- optional</i></>} description="The provider does not see them unless the request is rejected.">
            <Textarea value={notes} onChange={(e) => setNotes(e.detail.value)} />
          </FormField>
        </EditDialog>
      )}
    </SpaceBetween>
  );
}
