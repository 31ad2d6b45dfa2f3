import { CreateAccessKeyCommand, GetUserCommand, TagUserCommand, type AccessKey } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useState } from "react";
import { iam } from "../../aws";
import { useSession } from "../../session";
import { ErrorAlert, isMissing } from "../../shared/errors";
import { go } from "../../shared/link";
import { useLoad, useWork } from "../../shared/load";
import { notify } from "../../shared/notify";
import { WizardPage } from "../../shared/page";
import { useParam } from "../../shared/param";
import { useUnsaved } from "../../shared/unsaved";
import { ownOwner } from "./own";
import { keysPath, nameOf, type Owner } from "./owner";
import { listKeys, mostKeys } from "./keys";
import { downloadKey, KeepKey, Leave } from "./keep-key";
import { needsConsent, UseCases } from "./use-cases";

/** AWS's three steps to an access key: of a user, or of the signed-in person. */
export default function CreateAccessKey() {
  const name = useParam("name");
  const session = useSession()!;
  const own = ownOwner(session);
  const owner: Owner | undefined = name === "" ? own : { userName: name, arn: `arn:aws:iam::${session.account.id}:user/${name}`, account: session.account.id };
  const above: [string, string][] = name === "" || !owner ? [["My security credentials", "/security-credentials"]] : [["Users", "/users"], [name, keysPath(owner)]];
  return (
    <WizardPage title="Create access key" above={above}>
      {owner ? <Steps key={owner.arn} owner={owner} /> : <Alert type="info">You are signed in by a role. Roles have no access keys of their own.</Alert>}
    </WizardPage>
  );
}

function Steps({ owner }: { owner: Owner }) {
  const root = owner.userName === undefined;
  const there = useLoad(async () => {
    if (!root && !owner.self) await iam().send(new GetUserCommand({ UserName: owner.userName }));
    return (await listKeys(owner)).length;
  }, [owner.arn]);
  const [step, setStep] = useState(0);
  const [useCase, setUseCase] = useState<string>();
  const [understood, setUnderstood] = useState(false);
  const [description, setDescription] = useState("");
  const [asked, setAsked] = useState(false);
  const [made, setMade] = useState<AccessKey>();
  const [kept, setKept] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const { busy, error, run } = useWork();
  const unsaved = useUnsaved(made !== undefined && !kept);
  const back = () => go(owner.self ? "/security-credentials" : keysPath(owner) + "/security-credentials");
  const last = root ? 1 : 2;
  const fault = describeFault(description);

  if (there.error !== undefined && isMissing(there.error)) return <ErrorAlert error={there.error} header={`There is no user ${owner.userName}`} />;
  if (there.data !== undefined && there.data >= mostKeys && !made) {
    return (
      <Alert type="warning" action={<Button onClick={back}>Back</Button>} header="There are two access keys already">
        There can be two at most, active or inactive. Delete one before you create another.
      </Alert>
    );
  }
  const create = () =>
    run(async () => {
      const key = (await iam().send(new CreateAccessKeyCommand(nameOf(owner)))).AccessKey!;
      setMade(key);
      setStep(last);
      if (root || description.trim() === "") return;
      await iam()
        .send(new TagUserCommand({ UserName: owner.userName, Tags: [{ Key: key.AccessKeyId, Value: description.trim() }] }))
        .catch((e: unknown) => notify("warning", `The access key is made, but its description could not be kept: ${e instanceof Error ? e.message : String(e)}`));
    });
  const forward = (to: number) => {
    setAsked(true);
    if (to <= step) return made ? setLeaving(true) : setStep(to);
    if (step === 0 && (root ? !understood : useCase === undefined || (needsConsent(useCase) && !understood))) return;
    if (to < last) {
      setAsked(false);
      return setStep(to);
    }
    if (!busy && fault === undefined) void create();
  };
  const done = () => (kept ? back() : setLeaving(true));
  const refusal = <ErrorAlert error={error ?? there.error} onRetry={there.error !== undefined ? there.reload : undefined} />;
  return (
    <>
      <Wizard
        activeStepIndex={step}
        onNavigate={(e) => forward(e.detail.requestedStepIndex)}
        onCancel={back}
        onSubmit={done}
        isLoadingNextStep={busy}
        i18nStrings={step === last - 1 ? { nextButton: "Create access key" } : undefined}
        customPrimaryActions={made && <KeepButtons made={made} owner={owner} onKept={() => setKept(true)} onDone={done} />}
        steps={[
          {
            title: "Access key best practices & alternatives",
            description: "Avoid using long-term credentials like access keys to improve your security. Consider the following use cases and alternatives.",
            content: (
              <SpaceBetween size="l">
                <UseCases root={root} value={useCase} understood={understood} asked={asked} onUnderstood={setUnderstood} onChange={(v) => (setUseCase(v), setUnderstood(false), setAsked(false))} />
                {(root || there.error !== undefined) && refusal}
              </SpaceBetween>
            ),
          },
          ...(root ? [] : [{
            title: "Set description tag",
            isOptional: true,
            description: "The description for this access key will be attached to this user as a tag and shown alongside the access key.",
            content: (
              <SpaceBetween size="l">
                <Container>
                  <FormField
                    label="Description tag value"
                    description="Describe the purpose of this access key and where it will be used. A good description will help you rotate this access key confidently later."
                    constraintText="Maximum 256 characters. Allowed characters are letters, numbers, spaces representable in UTF-8, and: _ . : / = + - @"
                    errorText={fault}
                  >
                    <Input value={description} onChange={(e) => setDescription(e.detail.value)} onKeyDown={(e) => e.detail.key === "Enter" && forward(last)} />
                  </FormField>
                </Container>
                {refusal}
              </SpaceBetween>
            ),
          }]),
          {
            title: root ? "Retrieve access key" : "Retrieve access keys",
            content: made ? <KeepKey made={made} /> : null,
          },
        ]}
      />
      {unsaved.asked && <Leave onStay={unsaved.stay} onLeave={unsaved.go} />}
      {leaving && <Leave onStay={() => setLeaving(false)} onLeave={back} />}
    </>
  );
}

function describeFault(text: string): string | undefined {
  if (text.length > 256) return "Enter 256 characters at most.";
  return /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text) ? undefined : "Use letters, numbers, spaces and _ . : / = + - @ only.";
}

function KeepButtons({ made, owner, onKept, onDone }: { made: AccessKey; owner: Owner; onKept: () => void; onDone: () => void }) {
  const keep = () => {
    downloadKey(made, owner);
    onKept();
  };
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button iconName="download" onClick={keep}>Download .csv file</Button>
      <Button variant="primary" onClick={onDone}>Done</Button>
    </SpaceBetween>
  );
}
