import { GetUserCommand } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useState } from "react";
import { iam } from "../../aws";
import { useSession } from "../../session";
import { LeavePage } from "../../shared/leave-page";
import { at, follow, go, link } from "../../shared/link";
import { useLoad } from "../../shared/load";
import { notify } from "../../shared/notify";
import { WizardPage } from "../../shared/page";
import { tagsAreGood } from "../../shared/tags";
import { passwordFault, passwordOf } from "../credentials/new-password";
import { DownloadPassword, PasswordMade } from "../credentials/password-made";
import { nameFault } from "../name";
import { passwordPolicy } from "../password";
import { Details } from "./details";
import { emptyDraft, type Draft } from "./draft";
import { SetPermissions } from "./permissions";
import { Review } from "./review";
import { Unfinished } from "./unfinished";
import { useMaking } from "./making";

/** Makes a user in AWS's steps. */
export default function CreateUser() {
  const { account } = useSession()!;
  const policy = useLoad(passwordPolicy, []);
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [step, setStep] = useState(0);
  const [asked, setAsked] = useState(false);
  const [taken, setTaken] = useState<string>();
  const [looking, setLooking] = useState(false);
  const making = useMaking();
  const put = (some: Partial<Draft>) => setDraft((d) => ({ ...d, ...some }));

  const nameError = taken === draft.name ? `A user with the name ${draft.name} exists already.` : asked ? nameFault(draft.name, "user") : undefined;
  const detailsBad = nameFault(draft.name, "user") ?? (draft.console ? passwordFault(draft.password, policy.data) : undefined);
  const waits = draft.console && policy.loading; // for what passwords must be like
  const boundaryMissing = draft.boundary === "";

  const end = () => {
    notify("success", `User ${draft.name} created successfully.`, <Button onClick={() => go(at("users", draft.name))}>View user</Button>);
    go("/users");
  };
  const create = async () => {
    if (making.busy || !tagsAreGood(draft.tags)) return;
    const password = draft.console ? passwordOf(draft.password, policy.data) : undefined;
    if (await making.begin(draft, password, policy.data)) (password === undefined ? end : () => setStep(3))();
  };
  const free = async (): Promise<boolean> => {
    setLooking(true);
    try {
      await iam().send(new GetUserCommand({ UserName: draft.name }));
      setTaken(draft.name);
      return false;
    } catch {
      return true; // not there, or not to be known: CreateUser will tell
    } finally {
      setLooking(false);
    }
  };
  const navigate = async (to: number) => {
    if (looking || making.busy) return;
    if (making.password !== undefined && making.finished) return end();
    if (to > 0 && step === 0) {
      setAsked(true);
      if (detailsBad || waits || !(await free())) return;
    }
    if (to > 1 && step === 1) {
      setAsked(true);
      if (boundaryMissing) return;
    }
    if (to === 3) return create();
    setAsked(false);
    making.clear();
    setStep(to);
  };

  if (making.halfway) {
    return (
      <WizardPage title="Create user" above={[["Users", "/users"]]}>
        <Unfinished
          name={draft.name}
          tasks={making.tasks}
          done={making.done}
          error={making.error}
          busy={making.busy}
          onRetry={() => void making.goOn().then((good) => good && (making.password === undefined ? end() : setStep(3)))}
          onGoOn={() => {
            if (making.hasPassword) {
              making.finish();
              setStep(3);
            } else go(at("users", draft.name));
          }}
        />
        <LeavePage filled />
      </WizardPage>
    );
  }
  return (
    <WizardPage title="Create user" above={[["Users", "/users"]]}>
      <Wizard
        activeStepIndex={step}
        onNavigate={(e) => void navigate(e.detail.requestedStepIndex)}
        onCancel={() => go("/users")}
        onSubmit={() => void create()}
        submitButtonText="Create user"
        isLoadingNextStep={looking || making.busy || waits}
        i18nStrings={step === 2 ? { nextButton: "Create user" } : undefined}
        customPrimaryActions={
          step === 3 && (
            <SpaceBetween direction="horizontal" size="xs">
              <DownloadPassword userName={draft.name} password={making.password ?? ""} />
              <Button variant="primary" onClick={end}>Return to users list</Button>
            </SpaceBetween>
          )
        }
        steps={[
          { title: "Specify user details", content: <Details draft={draft} policy={policy.data} asked={asked} nameError={nameError} onChange={put} onNext={() => void navigate(1)} /> },
          {
            title: "Set permissions",
            description: "Add user to an existing group or create a new one. Using groups is a best-practice way to manage user's permissions by job functions.",
            errorText: step === 1 && asked && boundaryMissing ? "Select a policy for the permissions boundary, or clear the box." : undefined,
            content: <SetPermissions draft={draft} onChange={put} />,
          },
          {
            title: "Review and create",
            description: `Review your choices. After you create the user, you can ${draft.console ? "view and download the password" : "create access keys for it"}.`,
            content: <Review draft={draft} policy={policy.data} error={making.error} onChange={put} />,
          },
          ...(draft.console ? [{ title: "Retrieve password", content: <Retrieve name={draft.name} password={making.password} account={account.id} /> }] : []),
        ]}
      />
      <LeavePage filled={draft !== emptyDraft} />
    </WizardPage>
  );
}

function Retrieve({ name, password, account }: { name: string; password: string | undefined; account: string }) {
  if (password === undefined) return null;
  return (
    <SpaceBetween size="l">
      <Alert type="success" header="User created successfully">
        You can view and download the user's password below. This is the only time you can view this password. You can also go to{" "}
        <Link {...link(at("users", name))} onFollow={follow}>the user's page</Link>.
      </Alert>
      <Container header={<Header>Console sign-in details</Header>}>
        <PasswordMade userName={name} password={password} account={account} />
      </Container>
    </SpaceBetween>
  );
}
