import type { PolicyVersion } from "@aws-sdk/client-iam";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { policyDocument } from "../permissions/policies";
import { PolicyDiff } from "../policy/policy-diff";
import { ErrorAlert } from "../shared/errors";
import { useLoad } from "../shared/load";
import { versionName } from "./versions";

interface Props {
  arn: string;
  /** The newest first, at least two. */
  versions: PolicyVersion[];
  /** Two that are selected in the list are what one wants to compare. */
  chosen: PolicyVersion[];
}

/** Two versions, and what tells them apart. */
export function Compare({ arn, versions, chosen }: Props) {
  const [picked, setPicked] = useState<{ before?: string; after?: string }>({});
  const two = chosen.length === 2 ? versions.filter((v) => chosen.some((c) => c.VersionId === v.VersionId)).map((v) => v.VersionId!) : [];
  const after = two[0] ?? picked.after ?? versions[0]!.VersionId!;
  const before = two[1] ?? picked.before ?? versions[1]!.VersionId!;
  const both = useLoad(() => Promise.all([policyDocument(arn, before), policyDocument(arn, after)]), [arn, before, after]);
  const options = versions.map((v) => ({ value: v.VersionId!, label: versionName(v) + (v.IsDefaultVersion ? " (default)" : "") }));
  const labelOf = (id: string) => options.find((o) => o.value === id)?.label ?? id;
  const select = (label: string, value: string, put: (id: string) => void) => (
    <FormField label={label}>
      <Select options={options} selectedOption={options.find((o) => o.value === value) ?? null} onChange={(e) => put(e.detail.selectedOption.value!)} disabled={two.length > 0} />
    </FormField>
  );
  return (
    <Container header={<Header description="Choose two versions here, or select two in the list.">Compare versions</Header>}>
      <SpaceBetween size="m">
        <Grid gridDefinition={[{ colspan: { default: 12, xs: 6 } }, { colspan: { default: 12, xs: 6 } }]}>
          {select("Version before", before, (id) => setPicked({ before: id, after }))}
          {select("Version after", after, (id) => setPicked({ before, after: id }))}
        </Grid>
        <ErrorAlert error={both.error} onRetry={both.reload} />
        {both.data && <PolicyDiff before={both.data[0]} after={both.data[1]} beforeLabel={labelOf(before)} afterLabel={labelOf(after)} />}
      </SpaceBetween>
    </Container>
  );
}
