import Wizard from "@cloudscape-design/components/wizard";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import { useState } from "react";
import { GroupPicker } from "../groups/group-picker";
import { ErrorAlert } from "../shared/errors";
import { go } from "../shared/link";
import { useWork } from "../shared/load";
import { notify } from "../shared/notify";
import { WizardPage } from "../shared/page";
import { AddReview } from "./add-review";
import { attachAll, copyPermissions, joinAll } from "./attach";
import { PolicyPicker } from "./policy-picker";
import { listOf, pathOf, type Principal } from "./principal";
import { UserPicker } from "./user-picker";

export type Way = "groups" | "copy" | "policies";

export interface Choice {
  way: Way;
  groups: string[];
  policies: string[]; // ARNs
  user?: string; // whose permissions are copied
}

interface Props {
  principal: Principal;
  /** ARNs that are attached already. */
  without?: string[];
  /** Groups that the user is in already. */
  groups?: string[];
}

/** Gives a user permissions: by a group, as another user has them, or by policies. */
export function AddToUser({ principal, without, groups }: Props) {
  const { name } = principal;
  const back = pathOf(principal);
  const [step, setStep] = useState(0);
  const [tried, setTried] = useState(false);
  const [choice, setChoice] = useState<Choice>({ way: "groups", groups: [], policies: [] });
  const { busy, error, run, clear } = useWork();
  const put = (some: Partial<Choice>) => (setTried(false), setChoice({ ...choice, ...some }));
  const fault = faultOf(choice);
  const save = async () => {
    const good = await run(async () => {
      if (choice.way === "groups") await joinAll(name, choice.groups);
      else if (choice.way === "policies") await attachAll(principal, choice.policies);
      else await copyPermissions(choice.user!, name);
    });
    if (!good) return;
    notify("success", `Permissions added to user ${name}.`);
    go(back);
  };
  return (
    <WizardPage title="Add permissions" above={[listOf.user, [name, back]]}>
      <Wizard
        submitButtonText="Add permissions"
        activeStepIndex={step}
        isLoadingNextStep={busy}
        onCancel={() => go(back)}
        onNavigate={({ detail }) => {
          clear();
          if (detail.requestedStepIndex > step && fault !== undefined) return setTried(true);
          setStep(detail.requestedStepIndex);
        }}
        onSubmit={save}
        steps={[
          {
            title: "Add permissions",
            description: `Add user ${name} to an existing group or create a new one. Using groups is a best-practice way to manage users' permissions by job functions.`,
            errorText: tried ? fault : undefined,
            content: (
              <SpaceBetween size="l">
                <Container header={<Header>Permissions options</Header>}>
                  <Tiles
                    ariaLabel="Permissions options"
                    value={choice.way}
                    onChange={(e) => put({ way: e.detail.value as Way })}
                    items={[
                      { value: "groups", label: "Add user to group", description: "Add user to an existing group, or create a new group. We recommend using groups to manage user permissions by job function." },
                      { value: "copy", label: "Copy permissions", description: "Copy all group memberships, attached managed policies, and inline policies from an existing user." },
                      { value: "policies", label: "Attach policies directly", description: "Attach a managed policy directly to a user. As a best practice, we recommend attaching policies to a group instead. Then, add the user to the appropriate group." },
                    ]}
                  />
                </Container>
                {choice.way === "groups" && <GroupPicker without={groups} selected={choice.groups} onChange={(groups) => put({ groups })} />}
                {choice.way === "copy" && <UserPicker selected={choice.user} without={name} onChange={(user) => put({ user })} />}
                {choice.way === "policies" && <PolicyPicker without={without} selected={choice.policies} onChange={(policies) => put({ policies })} />}
              </SpaceBetween>
            ),
          },
          {
            title: "Review",
            description: "The following will be added to this user. Review your choices.",
            content: (
              <SpaceBetween size="l">
                <AddReview name={name} choice={choice} />
                <ErrorAlert error={error} />
              </SpaceBetween>
            ),
          },
        ]}
      />
    </WizardPage>
  );
}

function faultOf({ way, groups, policies, user }: Choice): string | undefined {
  if (way === "groups") return groups.length === 0 ? "Select at least one group." : undefined;
  if (way === "policies") return policies.length === 0 ? "Select at least one policy." : undefined;
  return user === undefined ? "Select the user to copy permissions from." : undefined;
}
