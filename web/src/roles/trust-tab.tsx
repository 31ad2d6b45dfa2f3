import type { Role } from "@aws-sdk/client-iam";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { PolicyDocument } from "../policy/policy-document";
import { ActionButton } from "../shared/action-button";
import { at, href } from "../shared/link";
import { plainDocument, pretty } from "./trust";

/** "Trust relationships": who can assume the role. */
export function TrustTab({ role, linked }: { role: Role; linked: boolean }) {
  return (
    <Container
      header={
        <Header
          description="Entities that can assume this role under specified conditions."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <ActionButton
                action="iam:UpdateAssumeRolePolicy"
                resource={role.Arn}
                disabled={linked}
                disabledReason="The trust policy of a service-linked role is the service's own"
                href={linked ? undefined : href(at("roles", role.RoleName!, "trust-policy", "edit"))}
              >
                Edit trust policy
              </ActionButton>
            </SpaceBetween>
          }
        >
          Trusted entities
        </Header>
      }
    >
      <PolicyDocument text={pretty(plainDocument(role.AssumeRolePolicyDocument))} label="Trust policy" />
    </Container>
  );
}
