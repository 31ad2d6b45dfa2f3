import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useState, type ReactNode } from "react";
import { PolicyEditor } from "../policy/editor";
import { isUnreadable, readDocument } from "../policy/document";
import { lacks, sidOf } from "../policy/statement";
import { askServer, firstPlace, syntaxFinding, type Finding } from "../policy/validation";
import { ErrorAlert } from "../shared/errors";
import { LeavePage } from "../shared/leave-page";
import { go } from "../shared/link";
import { useWork } from "../shared/load";
import { WizardPage } from "../shared/page";
import { Wanting } from "../shared/wanting";
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
  /** The AWS action that saves, and the ARN that it is called on. */
  action: string;
  resource?: string;
  /** Saves, and goes on. What it throws is shown. */
  onSubmit: () => Promise<unknown>;
  back: string;
}

/** The two steps that every policy is written in: specify permissions; review. */
export function PolicyWizard(props: Props) {
  const { title, text, onText, back } = props;
  const [first] = useState(text);
  const [step, setStep] = useState(0);
  const [fault, setFault] = useState<string>();
  const [asked, setAsked] = useState(false);
  const [importing, setImporting] = useState(false);
  const checks = useWork();
  const saving = useWork();
  const to = async (next: number) => {
    saving.clear();
    setFault(undefined);
    if (next <= step) return setStep(next);
    setAsked(true);
    const lacking = lackOf(text);
    if (lacking) return setFault(lacking);
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
                <Wanting action={props.action} resource={props.resource} />
                <Box textAlign="right"><Button onClick={() => setImporting(true)}>Import policy</Button></Box>
                <PolicyEditor kind="identity" limit={props.limit} value={text} markLacks={asked} onChange={(next) => (setFault(undefined), onText(next))} />
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
      <LeavePage filled={text !== first} />
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

/** Why a document is not ready: a statement that names no actions, or nothing that
 * they are allowed on. */
function lackOf(text: string): string | undefined {
  const doc = readDocument(text);
  if (isUnreadable(doc)) return undefined; // which has findings of its own
  if (doc.statements.every((s) => lacks(s) === "actions")) return "The policy has no permissions yet. Select a service and its actions, or write them as JSON.";
  const at = doc.statements.findIndex((s) => lacks(s) !== undefined);
  if (at < 0) return undefined;
  const statement = doc.statements[at]!;
  const sid = sidOf(statement);
  const name = `Statement ${at + 1}${sid ? ` (${sid})` : ""}`;
  return lacks(statement) === "actions"
    ? `${name} has no actions. Choose one or more, or remove the statement.`
    : `${name} has no resources. Choose all resources, or add the ARNs that the actions are for.`;
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
