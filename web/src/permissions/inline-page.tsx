import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { NotFound } from "../not-found";
import { emptyPolicy } from "../policy/document";
import { PolicyDiff } from "../policy/policy-diff";
import { PolicySummary } from "../policy/policy-summary";
import { forgetAllowed } from "../shared/allowed";
import { isMissing } from "../shared/errors";
import { go } from "../shared/link";
import { useLoad } from "../shared/load";
import { Missing as Gone } from "../shared/missing";
import { notify } from "../shared/notify";
import { useParam } from "../shared/param";
import { Missing } from "./missing";
import { faultOfName } from "./name";
import { laidOut } from "./policies";
import { PolicyWizard } from "./policy-wizard";
import { findPrincipal, getInline, kindOf, listInline, listOf, nounOf, pathOf, putInline, wordOf, type Kind } from "./principal";

/** "/users/Bob/inline-policies/create" and "…/inline-policies/NAME/edit". */
export default function InlinePage() {
  const kind = kindOf(useParam("kind"));
  const name = useParam("name");
  const policy = useParam("policy");
  return kind === undefined ? <NotFound /> : <Load key={[kind, name, policy].join(" ")} kind={kind} name={name} policy={policy} />;
}

// Characters of all inline policies of one user, group or role together.
const limits: Record<Kind, number> = { user: 2048, group: 5120, role: 10240 };

interface Named {
  kind: Kind;
  name: string;
  policy: string; // "" for a new one
}

function Load({ kind, name, policy }: Named) {
  const before = useLoad(() => textOf(kind, name, policy), []);
  if (before.error !== undefined) return <Missing kind={kind} name={name} error={before.error} onRetry={before.reload} />;
  if (before.data === null) return <Gone noun="inline policy" name={policy} list={[name, pathOf({ kind, name })]} />;
  return before.data === undefined ? null : <Write kind={kind} name={name} policy={policy} before={before.data} />;
}

/** The policy to begin with; null when the principal has none of that name. */
async function textOf(kind: Kind, name: string, policy: string): Promise<string | null> {
  if (policy === "") {
    await findPrincipal(kind, name);
    return emptyPolicy;
  }
  try {
    return laidOut(await getInline({ kind, name }, policy));
  } catch (e) {
    if (!isMissing(e)) throw e;
    await findPrincipal(kind, name); // when it is this that is missing, it is said
    return null;
  }
}

function Write({ kind, name, policy, before }: Named & { before: string }) {
  const [text, setText] = useState(before);
  const [chosen, setChosen] = useState(policy);
  const [tried, setTried] = useState(false);
  const isNew = policy === "";
  const back = pathOf({ kind, name });
  const fault = faultOfName(chosen);
  const save = async () => {
    // PutUserPolicy would silently write over another policy of that name.
    if (isNew && (await listInline({ kind, name })).includes(chosen)) {
      throw new Error(`The ${wordOf[kind]} ${name} has an inline policy ${chosen} already. Choose another name.`);
    }
    await putInline({ kind, name }, chosen, text);
    forgetAllowed();
    notify("success", isNew ? `Policy ${chosen} created.` : `Policy ${chosen} updated.`);
    go(back);
  };
  return (
    <PolicyWizard
      title={isNew ? "Create inline policy" : `Edit ${policy}`}
      above={[listOf[kind], [name, back]]}
      back={back}
      text={text}
      onText={setText}
      limit={limits[kind]}
      reviewTitle={isNew ? "Review and create" : "Review and save"}
      reviewDescription="Review the permissions and specify details."
      submit={isNew ? "Create policy" : "Save changes"}
      action={`iam:Put${nounOf[kind]}Policy`}
      reviewFault={fault}
      onSubmit={save}
      review={
        <SpaceBetween size="l">
          {isNew && (
            <Container header={<Header>Policy details</Header>}>
              <FormField
                label="Policy name"
                description="Enter a meaningful name to identify this policy."
                constraintText="Maximum 128 characters. Use alphanumeric and '+=,.@-_' characters."
                errorText={tried && fault}
              >
                <Input value={chosen} onChange={(e) => (setTried(true), setChosen(e.detail.value.trim()))} autoComplete={false} />
              </FormField>
            </Container>
          )}
          <Container>
            <PolicySummary document={text} />
          </Container>
          {!isNew && (
            <Container header={<Header>Changes</Header>}>
              <PolicyDiff before={before} after={text} />
            </Container>
          )}
        </SpaceBetween>
      }
    />
  );
}
