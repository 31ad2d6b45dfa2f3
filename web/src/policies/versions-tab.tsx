import { DeletePolicyVersionCommand, SetDefaultPolicyVersionCommand, type Policy, type PolicyVersion } from "@aws-sdk/client-iam";
import Badge from "@cloudscape-design/components/badge";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { iam } from "../aws";
import { policyDocument } from "../permissions/policies";
import { PolicyName } from "../permissions/policy-name";
import { isAwsManaged } from "../permissions/policy-type";
import { ActionButton } from "../shared/action-button";
import { forgetAllowed } from "../shared/allowed";
import { Confirm } from "../shared/confirm";
import { useLoad } from "../shared/load";
import { notify } from "../shared/notify";
import { ResourceTable } from "../shared/resource-table";
import { showTime } from "../shared/time";
import { Compare } from "./compare";
import { listVersions, mostVersions, versionName } from "./versions";

/** The tab Policy versions: which there are, which is in force, and how they differ. */
export function VersionsTab({ policy, onChange }: { policy: Policy; onChange: () => void }) {
  const arn = policy.Arn!;
  const own = !isAwsManaged(arn);
  const versions = useLoad(() => listVersions(arn), [arn, policy.DefaultVersionId]);
  const [chosen, setChosen] = useState<PolicyVersion[]>([]);
  const [asking, setAsking] = useState<"default" | "delete">();
  const [one] = chosen;
  const changed = (message: string) => {
    notify("success", message);
    setAsking(undefined);
    setChosen([]);
    forgetAllowed();
    versions.reload();
    onChange();
  };
  return (
    <SpaceBetween size="l">
      <ResourceTable<PolicyVersion>
        noun="versions"
        header="Policy versions"
        description={own ? `Each time you update a policy, you create a new version. You can have up to ${mostVersions} versions.` : "AWS changes the policy by new versions; the default one is in force."}
        items={versions.data}
        loading={versions.loading}
        error={versions.error}
        onReload={versions.reload}
        idOf={(v) => v.VersionId!}
        labelOf={versionName}
        filterText={versionName}
        selection={own ? "multi" : undefined}
        selected={chosen}
        onSelect={setChosen}
        actions={
          own && (
            <SpaceBetween direction="horizontal" size="xs">
              <ActionButton
                action="iam:DeletePolicyVersion"
                resource={arn}
                disabled={chosen.length === 0 || chosen.some((v) => v.IsDefaultVersion)}
                disabledReason={chosen.some((v) => v.IsDefaultVersion) ? "The default version can't be deleted" : "Select versions first"}
                onClick={() => setAsking("delete")}
              >
                Delete
              </ActionButton>
              <ActionButton
                action="iam:SetDefaultPolicyVersion"
                resource={arn}
                disabled={chosen.length !== 1 || one?.IsDefaultVersion}
                disabledReason={one?.IsDefaultVersion && chosen.length === 1 ? "It is the default version already" : "Select one version first"}
                onClick={() => setAsking("default")}
              >
                Set as default
              </ActionButton>
            </SpaceBetween>
          )
        }
        columns={[
          { id: "version", header: "Version", isRowHeader: true, minWidth: 260, verticalAlign: "top", cell: (v) => <PolicyName name={versionName(v)} load={() => policyDocument(arn, v.VersionId)} /> },
          { id: "default", header: "Type", width: 140, verticalAlign: "top", cell: (v) => (v.IsDefaultVersion ? <Badge color="blue">Default</Badge> : "-") },
          { id: "created", header: "Creation time", width: 280, verticalAlign: "top", cell: (v) => showTime(v.CreateDate) },
        ]}
      />
      {versions.data && versions.data.length > 1 && <Compare key={versions.data.map((v) => v.VersionId).join(" ")} arn={arn} versions={versions.data} chosen={chosen} />}
      {asking === "delete" && (
        <Confirm
          title={chosen.length === 1 ? `Delete ${versionName(one!)}?` : `Delete ${chosen.length} versions?`}
          button="Delete"
          warning="This can't be undone."
          work={async () => {
            for (const v of chosen) await iam().send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: v.VersionId }));
          }}
          onDone={() => changed(chosen.length === 1 ? `${versionName(one!)} deleted.` : `${chosen.length} versions deleted.`)}
          onCancel={() => {
            setAsking(undefined);
            versions.reload();
          }}
        >
          Delete {chosen.map(versionName).join(", ")} of <b>{policy.PolicyName}</b>?
        </Confirm>
      )}
      {asking === "default" && one && (
        <Confirm
          title={`Set ${versionName(one)} as default?`}
          button="Set as default"
          work={() => iam().send(new SetDefaultPolicyVersionCommand({ PolicyArn: arn, VersionId: one.VersionId }))}
          onDone={() => changed(`${versionName(one)} is the default version.`)}
          onCancel={() => setAsking(undefined)}
        >
          All who have the policy <b>{policy.PolicyName}</b> get the permissions of {versionName(one)} at once.
        </Confirm>
      )}
    </SpaceBetween>
  );
}
