import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useRef, useState } from "react";
import { useSession } from "../../session";
import { ErrorAlert } from "../../shared/errors";
import { LeavePage } from "../../shared/leave-page";
import { at, go } from "../../shared/link";
import { useWork } from "../../shared/load";
import { notify } from "../../shared/notify";
import { WizardPage } from "../../shared/page";
import { useParam } from "../../shared/param";
import { tagsAreGood, type Tag } from "../../shared/tags";
import { Wanting } from "../../shared/wanting";
import { kindOf } from "../../providers/providers";
import { useTrustChecks } from "../trust-checks";
import { descriptionFault, nameFault } from "../name";
import { EntityStep } from "./entity-step";
import { chosenCase, emptyForm, faultsOf, trustOf, type TrustForm } from "./form";
import { make, type Made, type Plan } from "./make";
import { PermissionsStep } from "./permissions-step";
import { ReviewStep } from "./review-step";

/** The form of a page that was opened from a provider's. */
function begin(provider: string): TrustForm {
  const kind = kindOf(provider);
  if (kind === "oidc") return { ...emptyForm, type: "web", openID: provider };
  return kind === "saml" ? { ...emptyForm, type: "saml", saml: provider } : emptyForm;
}

/** "Create role", in AWS's three steps. */
export default function CreateRole() {
  const provider = useParam("provider");
  const account = useSession()!.account.id;
  const [step, setStep] = useState(0);
  const [asked, setAsked] = useState(false);
  const [first] = useState(() => begin(provider));
  const [form, setForm] = useState(first);
  const [policies, setPolicies] = useState<string[]>([]);
  const [boundary, setBoundary] = useState<string>();
  const [named, setNamed] = useState<{ name: string; description?: string; tags: Tag[]; suffix: string }>({ name: "", tags: [], suffix: "" });
  const made = useRef<Made>({});
  const { busy, error, run, clear } = useWork();
  const { validate, hasErrors } = useTrustChecks();

  const useCase = chosenCase(form);
  const put = (change: Partial<TrustForm>) => {
    const next = { ...form, ...change };
    const before = useCase?.policy;
    const after = chosenCase(next)?.policy;
    // The policy that AWS has for a use case is chosen beforehand, and goes with it.
    if (before !== after) setPolicies([...policies.filter((p) => p !== before), ...(after ? [after] : [])]);
    setForm(next);
  };
  const plan: Plan = { ...named, description: named.description ?? useCase?.description ?? "", trust: trustOf(form, account), policies, boundary: boundary || undefined, useCase };
  const [faulty, setFaulty] = useState<string>(); // the custom trust policy that was found to have errors
  const faults = faultsOf(form);
  if (form.type === "custom" && form.custom === faulty) faults.custom ??= "Correct the errors in the trust policy.";
  const bad = (n: number): boolean => {
    if (n === 0) return Object.keys(faults).length > 0;
    if (n === 1) return !useCase?.linked && boundary === "";
    return (!useCase?.linked && nameFault(named.name) !== undefined) || descriptionFault(plan.description) !== undefined || !tagsAreGood(named.tags);
  };
  const navigate = async (to: number) => {
    if (busy) return;
    clear();
    if (step === 0 && to > 0 && form.type === "custom" && !bad(0)) {
      let errors = false;
      await run(async () => (errors = await hasErrors(form.custom)));
      if (errors) {
        setAsked(true);
        return setFaulty(form.custom);
      }
    }
    for (let n = step; n < to; n++) {
      if (!bad(n)) continue;
      setAsked(true);
      return setStep(n);
    }
    setAsked(false);
    setStep(to);
  };
  const submit = async () => {
    setAsked(true);
    if (busy || bad(2)) return;
    await run(async () => {
      const name = await make(plan, made.current);
      notify("success", `Role ${name} created.`);
      go(at("roles", name));
    });
  };
  const filled = form !== first || policies.length > 0 || boundary !== undefined || named.name !== "" || named.description !== undefined || named.tags.length > 0;
  const refused = error !== undefined && (
    <ErrorAlert error={error} header={made.current.name ? `Role ${made.current.name} was created, but the rest was not done` : undefined} onRetry={submit} />
  );
  return (
    <WizardPage title="Create role" above={[["Roles", "/roles"]]}>
      <Wizard
        activeStepIndex={step}
        onNavigate={(e) => navigate(e.detail.requestedStepIndex)}
        onCancel={() => go(made.current.name ? at("roles", made.current.name) : "/roles")}
        onSubmit={submit}
        isLoadingNextStep={busy}
        submitButtonText="Create role"
        steps={[
          {
            title: "Select trusted entity",
            content: (
              <SpaceBetween size="l">
                <Wanting action={useCase?.linked ? "iam:CreateServiceLinkedRole" : "iam:CreateRole"} />
                <EntityStep form={form} put={put} faults={asked ? faults : {}} validate={validate} />
              </SpaceBetween>
            ),
          },
          {
            title: "Add permissions",
            content: (
              <PermissionsStep
                policies={policies}
                onPolicies={setPolicies}
                boundary={boundary}
                onBoundary={setBoundary}
                boundaryFault={asked && boundary === "" ? "Choose a policy for the boundary, or use none." : undefined}
                useCase={useCase}
              />
            ),
          },
          {
            title: "Name, review, and create",
            content: <ReviewStep plan={plan} put={(c) => setNamed({ ...named, ...c })} asked={asked} made={made.current.arn !== undefined} go={navigate} />,
          },
        ]}
      />
      {refused}
      <LeavePage filled={filled} />
    </WizardPage>
  );
}
