import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { BoundaryPicker } from "../../permissions/boundary-picker";
import { PolicyPicker } from "../../permissions/policy-picker";
import type { UseCase } from "./use-cases";

interface Props {
  policies: string[];
  onPolicies: (arns: string[]) => void;
  boundary: string | undefined;
  onBoundary: (arn: string | undefined) => void;
  boundaryFault?: string;
  useCase?: UseCase;
}

/** "Add permissions". */
export function PermissionsStep({ policies, onPolicies, boundary, onBoundary, boundaryFault, useCase }: Props) {
  if (useCase?.linked) {
    return (
      <Container header={<Header variant="h2">Permissions policies</Header>}>
        <Box>
          The type of role that you selected is linked to <b>{useCase.principal}</b>. IAM attaches the policy that the service has for it. You can't change it, and can't attach
          others.
        </Box>
      </Container>
    );
  }
  return (
    <SpaceBetween size="l">
      <PolicyPicker selected={policies} onChange={onPolicies} description="Choose one or more policies to attach to your new role." />
      <ExpandableSection variant="container" headerText={<>Set permissions boundary - <i>optional</i></>} defaultExpanded={boundary !== undefined}>
        <SpaceBetween size="s">
          {boundaryFault && <Alert type="error">{boundaryFault}</Alert>}
          <BoundaryPicker noun="role" value={boundary} onChange={onBoundary} />
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}
