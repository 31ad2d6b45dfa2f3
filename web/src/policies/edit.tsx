import { CreatePolicyVersionCommand, DeletePolicyVersionCommand, type PolicyVersion } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useState } from "react";
import { iam } from "../aws";
import { nameOfPolicy } from "../permissions/attach";
import { laidOut, policyDocument } from "../permissions/policies";
import { isAwsManaged } from "../permissions/policy-type";
import { PolicyWizard } from "../permissions/policy-wizard";
import { PolicyDiff } from "../policy/policy-diff";
import { PolicySummary } from "../policy/policy-summary";
import { forgetAllowed } from "../shared/allowed";
import { describe } from "../shared/errors";
import { at, follow, go, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { Missing } from "../shared/missing";
import { notify } from "../shared/notify";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { showTime } from "../shared/time";
import { listVersions, mostVersions, oldestSpare, versionName } from "./versions";

/** "/policies/ARN/edit": writes a new version of the policy. */
export default function EditPolicy() {
  const arn = useParam("arn");
  const found = useLoad(async () => {
    const [text, versions] = await Promise.all([policyDocument(arn), listVersions(arn)]);
    return { text: laidOut(text), versions };
  }, [arn]);
  const fixed = isAwsManaged(arn);
  if (found.data && !fixed) return <Write key={arn} arn={arn} before={found.data.text} versions={found.data.versions} />;
  if (found.error !== undefined && !fixed) return <Missing noun="policy" name={nameOfPolicy(arn)} list={["Policies", "/policies"]} error={found.error} onRetry={found.reload} />;
  return (
    <Page title={`Edit ${nameOfPolicy(arn)}`} above={[["Policies", "/policies"]]}>
      {fixed ? (
        <Alert type="info" header="AWS manages this policy">It can't be edited. Create a policy of your own and import this one into it. <Link {...link("/policies/create")} onFollow={follow}>Create policy</Link></Alert>
      ) : (
        <Spinner size="large" />
      )}
    </Page>
  );
}

function Write({ arn, before, versions }: { arn: string; before: string; versions: PolicyVersion[] }) {
  const name = nameOfPolicy(arn);
  const back = at("policies", arn);
  const [text, setText] = useState(before);
  const [asDefault, setAsDefault] = useState(true);
  const [kept, setKept] = useState(versions);
  const [giveUp, setGiveUp] = useState(oldestSpare(versions)?.VersionId);
  const full = kept.length >= mostVersions;
  const save = async () => {
    const create = () => iam().send(new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument: text, SetAsDefault: asDefault }));
    // A version is given up only when nothing else is wrong with the new one.
    const { PolicyVersion } = await create().catch(async (e: unknown) => {
      if (!full || !isVersionLimit(e)) throw e;
      await iam().send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: giveUp }));
      setKept((k) => k.filter((v) => v.VersionId !== giveUp)); // gone, even when the next call is refused
      return create();
    });
    forgetAllowed();
    notify("success", `${versionName(PolicyVersion!)} of ${name} created${asDefault ? " and set as the default" : ""}.`);
    go(back);
  };
  return (
    <PolicyWizard
      title={`Edit ${name}`}
      above={[["Policies", "/policies"], [name, back]]}
      back={back}
      text={text}
      onText={setText}
      reviewTitle="Review and save"
      reviewDescription="Review the changes that the new version makes."
      submit="Save changes"
      action="iam:CreatePolicyVersion"
      resource={arn}
      reviewFault={text === before ? "Nothing was changed." : undefined}
      onSubmit={save}
      review={
        <SpaceBetween size="l">
          {full && <GiveUp versions={kept} value={giveUp} onChange={setGiveUp} />}
          <Container>
            <Checkbox checked={asDefault} onChange={(e) => setAsDefault(e.detail.checked)} description="All who have the policy get the permissions of the new version at once.">
              Set this new version as the default
            </Checkbox>
          </Container>
          <Container>
            <PolicySummary document={text} />
          </Container>
          <Container header={<Header description="Against the version that is the default now.">Changes</Header>}>
            <PolicyDiff before={before} after={text} beforeLabel="Now" afterLabel="New version" />
          </Container>
        </SpaceBetween>
      }
    />
  );
}

function isVersionLimit(e: unknown): boolean {
  const { code, message } = describe(e);
  return code.startsWith("LimitExceeded") && /versions/.test(message);
}

interface GiveUpProps {
  versions: PolicyVersion[];
  value: string | undefined;
  onChange: (id: string) => void;
}

/** A policy has five versions at most: one must go before there is a new one. */
function GiveUp({ versions, value, onChange }: GiveUpProps) {
  const options = versions.filter((v) => !v.IsDefaultVersion).map((v) => ({ value: v.VersionId!, label: versionName(v), description: `Created ${showTime(v.CreateDate)}` })).reverse();
  return (
    <Alert type="warning" header={`This policy has ${mostVersions} versions, the most that it can have`}>
      <SpaceBetween size="s">
        <span>When you save the changes, a version is deleted to make room for the new one.</span>
        <FormField label="Version to delete">
          <Select options={options} selectedOption={options.find((o) => o.value === value) ?? null} onChange={(e) => onChange(e.detail.selectedOption.value!)} />
        </FormField>
      </SpaceBetween>
    </Alert>
  );
}
