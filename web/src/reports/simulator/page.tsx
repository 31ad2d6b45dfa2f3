import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Textarea from "@cloudscape-design/components/textarea";
import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "wouter";
import { emptyPolicy } from "../../policy/document";
import { ErrorAlert } from "../../shared/errors";
import { useLoad, useWork, type Loaded } from "../../shared/load";
import { Page } from "../../shared/page";
import { ActionsField } from "./actions-field";
import { entriesOf, type Value } from "./context";
import { ContextFields } from "./context-fields";
import { Existing } from "./existing";
import { Further } from "./further";
import { simulatedPrincipal, useAskedKeys, useKeyTypes } from "./keys";
import { NewPolicies } from "./new-policies";
import { Results } from "./results";
import { any, simulate, type Question, type Row } from "./simulate";
import { sourcesOf } from "./sources";

interface Given {
  principal?: string;
  actions: string[];
  resources: string[];
  /** Values of condition keys, by key in lower case. */
  context: Map<string, string>;
}

/** "/simulator?principal=ARN&action=…&resource=…&context=key=value": what somebody
 * may do, or what a policy would allow. */
export default function Simulator() {
  const [asked] = useSearchParams();
  const text = asked.toString();
  const principal = asked.get("principal") ?? undefined;
  const found = useLoad(async () => principal && (await simulatedPrincipal(principal)), [principal]);
  const context = new Map<string, string>();
  for (const c of asked.getAll("context")) {
    const [key, value] = [c.slice(0, c.indexOf("=")).toLowerCase(), c.slice(c.indexOf("=") + 1)];
    context.set(key, context.has(key) ? `${context.get(key)}\n${value}` : value); // of a list: one a line
  }
  return (
    <Page title="IAM Policy Simulator" description="Test what policies allow and deny, before anybody calls. Nothing is called, and nothing is changed.">
      <ErrorAlert error={found.error} header="The principal of the question could not be found" onRetry={found.reload} />
      {found.loading ? <Spinner /> : (
        <Simulation key={text} given={{ principal: found.data || undefined, actions: asked.getAll("action"), resources: asked.getAll("resource"), context }} />
      )}
    </Page>
  );
}

/** It is there, or it is clear that it will not be. */
function known(l: Loaded<unknown>): boolean {
  return l.data !== undefined || l.error !== undefined;
}

function Simulation({ given }: { given: Given }) {
  const [mode, setMode] = useState<Question["mode"]>("existing");
  const [principal, setPrincipal] = useState(given.principal);
  const [left, setLeft] = useState<string[]>([]);
  const [organization, setOrganization] = useState(true);
  const [policies, setPolicies] = useState([emptyPolicy]);
  const [boundary, setBoundary] = useState("");
  const [resourcePolicy, setResourcePolicy] = useState("");
  const [caller, setCaller] = useState("");
  const [owner, setOwner] = useState("");
  const [actions, setActions] = useState(given.actions);
  const [resources, setResources] = useState(given.resources.join("\n") || any);
  const [entered, setEntered] = useState<ReadonlyMap<string, Partial<Value>>>(() => new Map([...given.context].map(([k, text]) => [k, { text }])));
  const [added, setAdded] = useState<string[]>([]);
  const [answer, setAnswer] = useState<{ question: Question; rows: Row[] }>();
  const [tried, setTried] = useState(false);
  const running = useWork();

  const existing = mode === "existing";
  const sources = useLoad(async () => (principal ? sourcesOf(principal) : []), [principal]);
  const documents = [...(existing ? [] : policies), boundary, resourcePolicy].filter((d) => d.trim() !== "");
  const keys = useAskedKeys(existing ? principal : undefined, documents);
  const all = [...(keys.data ?? []), ...added.filter((a) => !keys.data?.some((k) => k.toLowerCase() === a.toLowerCase()))];
  const types = useKeyTypes(all);
  const values = all.map((key): Value => ({ key, type: types.of(key), text: "", ...entered.get(key.toLowerCase()) }));
  const arns = resources.split(/[\n,]/).map((r) => r.trim()).filter((r) => r !== "");
  const faults = {
    principal: existing && !principal ? "Choose a user, user group or role." : undefined,
    actions: actions.length === 0 ? "Select at least one action." : undefined,
    resources: arns.find((a) => a !== any && !/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+/.test(a)) !== undefined ? "Enter ARNs, one a line, or * for all resources."
      : arns.includes(any) && arns.length > 1 ? "* is for all resources: enter it alone." : undefined,
  };

  const run = async () => {
    setTried(true);
    if (faults.principal || faults.actions || faults.resources) return;
    const question: Question = {
      mode, principal, sources: sources.data ?? [], left, organization, policies, boundary, resourcePolicy, caller, owner, actions,
      resources: arns, context: entriesOf(values),
    };
    await running.run(async () => setAnswer({ question, rows: await simulate(question) }));
  };
  // A question that was brought along is asked at once, as soon as it is whole.
  const whole = given.principal !== undefined && given.actions.length > 0 && known(sources) && known(keys) && types.ready;
  const begun = useRef(false);
  useEffect(() => {
    if (!whole || begun.current) return;
    begun.current = true;
    void run();
  }, [whole]);

  return (
    <SpaceBetween size="l">
      <SegmentedControl
        label="Mode"
        selectedId={mode}
        options={[{ id: "existing", text: "Existing policies" }, { id: "new", text: "New policy" }]}
        onChange={(e) => (setMode(e.detail.selectedId as Question["mode"]), setAnswer(undefined))}
      />
      {existing ? (
        <Existing
          principal={principal}
          onPrincipal={(arn) => (setPrincipal(arn), setLeft([]), setAnswer(undefined))}
          sources={sources}
          left={left}
          onLeft={setLeft}
          organization={organization}
          onOrganization={setOrganization}
        />
      ) : (
        <NewPolicies policies={policies} onChange={setPolicies} />
      )}
      <Further
        existing={existing}
        boundary={boundary}
        onBoundary={setBoundary}
        resourcePolicy={resourcePolicy}
        onResourcePolicy={setResourcePolicy}
        caller={caller}
        onCaller={setCaller}
        owner={owner}
        onOwner={setOwner}
      />
      <Container header={<Header variant="h2">Actions and resources</Header>}>
        <SpaceBetween size="m">
          <ActionsField actions={actions} onChange={setActions} error={tried ? faults.actions : undefined} />
          <FormField label="Resources" description="ARNs, one a line. * asks for all resources." errorText={tried ? faults.resources : undefined} stretch>
            <Textarea value={resources} rows={Math.min(8, Math.max(2, arns.length + 1))} spellcheck={false} onChange={(e) => setResources(e.detail.value)} />
          </FormField>
        </SpaceBetween>
      </Container>
      <ExpandableSection variant="container" headerText="Condition keys" headerCounter={`(${values.length})`} headerDescription="Values that the request would have. What is left empty is not in the request." defaultExpanded={given.context.size > 0}>
        <SpaceBetween size="s">
          <ErrorAlert error={keys.error} header="The condition keys of the policies could not be read" onRetry={keys.reload} />
          <ContextFields
            values={values}
            onChange={({ key, ...v }) => setEntered((was) => new Map(was).set(key.toLowerCase(), v))}
            added={added}
            onAdd={(key) => setAdded((was) => [...was, key])}
            onRemove={(key) => setAdded((was) => was.filter((k) => k !== key))}
          />
        </SpaceBetween>
      </ExpandableSection>
      <FormField errorText={tried ? faults.principal ?? faults.actions ?? faults.resources : undefined}>
        <Button variant="primary" loading={running.busy} onClick={() => void run()}>Run simulation</Button>
      </FormField>
      <ErrorAlert error={running.error} />
      {answer && <Results question={answer.question} rows={answer.rows} />}
    </SpaceBetween>
  );
}
