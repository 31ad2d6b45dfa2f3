import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useState, type ReactNode } from "react";
import { PolicyEditor } from "../policy/editor";
import { isUnreadable, readDocument } from "../policy/document";
import { readStatements } from "../policy/grants";
import { askServer, firstPlace, syntaxFinding, type Finding } from "../policy/validation";
import { ErrorAlert } from "../shared/errors";
import { go } from "../shared/link";
import { useWork } from "../shared/load";
import { WizardPage } from "../shared/page";
import { ImportPolicy } from "./import-policy";

interface Props {
  title: string;
  above: [name: string, path: string][];
  text: string;
  onText: (text: string) => void;
  /** Of characters, where it is not a managed policy's. */
  limit?: number;
  reviewTitle: string;
  reviewDescription: string;
  review: ReactNode;
  /** What is missing or wrong in the review, beside what its fields say; then it is not saved. */
  reviewFault?: string;
  submit: string;
  /** Saves, and goes on. What it throws is shown. */
  onSubmit: () => Promise<unknown>;
  back: string;
}

/** The two steps that every policy is written in: specify permissions; review. */
export function PolicyWizard(props: Props) {
  const { title, text, onText, back } = props;
  const [step, setStep] = useState(0);
  const [fault, setFault] = useState<string>();
  const [importing, setImporting] = useState(false);
  const checks = useWork();
  const saving = useWork();
  const to = async (next: number) => {
    saving.clear();
    setFault(undefined);
    if (next <= step) return setStep(next);
    if (saysNothing(text)) return setFault("The policy has no permissions yet. Select a service and its actions, or write them as JSON.");
    let errors: Finding[] = [];
    await checks.run(async () => {
      errors = await errorsOf(text);
    });
    if (errors.length > 0) setFault(wordsOf(errors));
    else setStep(next);
  };
  const save = async () => {
    setFault(props.reviewFault);
    if (props.reviewFault === undefined) await saving.run(props.onSubmit);
  };
  return (
    <WizardPage title={title} above={props.above}>
      <Wizard
        submitButtonText={props.submit}
        activeStepIndex={step}
        isLoadingNextStep={checks.busy || saving.busy}
        onCancel={() => go(back)}
        onNavigate={({ detail }) => void to(detail.requestedStepIndex)}
        onSubmit={() => void save()}
        steps={[
          {
            title: "Specify permissions",
            description: "Add permissions by selecting services, actions, resources, and conditions. Build permission statements using the JSON editor.",
            errorText: step === 0 ? fault : undefined,
            content: (
              <SpaceBetween size="s">
                <Box textAlign="right"><Button onClick={() => setImporting(true)}>Import policy</Button></Box>
                <PolicyEditor kind="identity" limit={props.limit} value={text} onChange={(next) => (setFault(undefined), onText(next))} />
              </SpaceBetween>
            ),
          },
          {
            title: props.reviewTitle,
            description: props.reviewDescription,
            errorText: step === 1 ? fault : undefined,
            content: (
              <SpaceBetween size="l">
                {props.review}
                <ErrorAlert error={saving.error} />
              </SpaceBetween>
            ),
          },
        ]}
      />
      {importing && (
        <ImportPolicy
          text={text}
          onCancel={() => setImporting(false)}
          onImport={(both) => {
            setImporting(false);
            setFault(undefined);
            onText(both);
          }}
        />
      )}
    </WizardPage>
  );
}

/** Tells whether no statement names an action, as before anything was chosen. */
function saysNothing(text: string): boolean {
  const doc = readDocument(text);
  if (isUnreadable(doc)) return false; // which has findings of its own
  const { statements, unread } = readStatements(doc);
  return unread === 0 && statements.every((s) => s.actions.length === 0 && !s.notActions?.length);
}

/** The findings that a policy can't be saved with. When the person may not ask for
 * findings there are none: the call that saves checks once more. */
async function errorsOf(text: string): Promise<Finding[]> {
  const syntax = syntaxFinding(text);
  if (syntax) return [syntax];
  const all = await askServer(text, "identity").catch(() => []);
  return all.filter((f) => f.findingType === "ERROR");
}

function wordsOf(errors: Finding[]): string {
  const first = errors[0]!;
  const { line, column } = firstPlace(first);
  const more = errors.length > 1 ? ` There ${errors.length === 2 ? "is 1 more error" : `are ${errors.length - 1} more errors`}.` : "";
  return `Ln ${line}, Col ${column + 1}: ${first.findingDetails}${more}`;
}
