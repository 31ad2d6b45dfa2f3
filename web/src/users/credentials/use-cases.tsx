import Alert from "@cloudscape-design/components/alert";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { link } from "../../shared/link";

interface UseCase {
  value: string;
  label: string;
  description: string;
  instead: ReactNode;
}

const cases: UseCase[] = [
  {
    value: "cli",
    label: "Command Line Interface (CLI)",
    description: "You plan to use this access key to enable the AWS CLI to access your AWS account.",
    instead: (
      <ul>
        <li>Use <a {...link("/cloudshell")}>CloudShell</a>, which runs AWS CLI commands in the browser as whom you are signed in.</li>
        <li>Have the AWS CLI assume a role, so that it calls with keys that end.</li>
      </ul>
    ),
  },
  {
    value: "local",
    label: "Local code",
    description: "You plan to use this access key to enable application code in a local development environment to access your AWS account.",
    instead: <>Have the code assume a role through a profile with <i>role_arn</i>, so that what it holds in memory ends by itself.</>,
  },
  {
    value: "compute",
    label: "Application running on an AWS compute service",
    description: "You plan to use this access key to enable application code running on an AWS compute service like Amazon EC2, Amazon ECS, or AWS Lambda to access your AWS account.",
    instead: <>Give the service a <a {...link("/roles/create")}>role</a>: it supplies temporary credentials to the code by itself.</>,
  },
  {
    value: "third-party",
    label: "Third-party service",
    description: "You plan to use this access key to enable access for a third-party application or service that monitors or manages your AWS resources.",
    instead: <>Let the third party's account assume a <a {...link("/roles/create")}>role</a> with an external ID: then you have no secret to hand over.</>,
  },
  {
    value: "outside",
    label: "Application running outside AWS",
    description: "You plan to use this access key to authenticate workloads running in your data center or other infrastructure outside of AWS that needs to access your AWS resources.",
    instead: <>Let the workload assume a role by a token of its own <a {...link("/identity-providers")}>identity provider</a> (OpenID Connect or SAML).</>,
  },
  {
    value: "other",
    label: "Other",
    description: "Your use case is not listed here.",
    instead: (
      <>
        It's okay to use an access key for this use case, but follow the best practices:
        <ul>
          <li>Never store the access key in plain text, in a code repository, or in code.</li>
          <li>Disable or delete access keys when they are no longer needed.</li>
          <li>Grant least privilege.</li>
          <li>Rotate access keys regularly.</li>
        </ul>
      </>
    ),
  },
];

/** "Other" has no alternative to be understood. */
export function needsConsent(useCase: string | undefined): boolean {
  return useCase !== undefined && useCase !== "other";
}

interface Props {
  root: boolean;
  value: string | undefined;
  understood: boolean;
  onChange: (value: string) => void;
  onUnderstood: (understood: boolean) => void;
  asked: boolean;
}

/** For what the access key is, and what one should rather have. */
export function UseCases({ root, value, understood, onChange, onUnderstood, asked }: Props) {
  const chosen = cases.find((c) => c.value === value);
  const missing = asked && !understood && "Confirm that you have read this to go on.";
  if (root) {
    return (
      <Container header={<Header>Alternatives to root user access keys</Header>}>
        <SpaceBetween size="m">
          <Alert type="warning" header="Root user access keys are not recommended">
            No policy of the account limits the root user, so neither can one limit what is done by its keys. Create an IAM user or a role instead, and
            use the keys of that.
          </Alert>
          <FormField errorText={missing}>
            <Checkbox checked={understood} onChange={(e) => onUnderstood(e.detail.checked)}>
              I understand creating a root access key is not a best practice, but I still want to create one.
            </Checkbox>
          </FormField>
        </SpaceBetween>
      </Container>
    );
  }
  return (
    <SpaceBetween size="l">
      <Container header={<Header>Use case</Header>}>
        <FormField errorText={asked && !chosen && "Choose a use case."}>
          <RadioGroup ariaLabel="Use case" value={value ?? null} items={cases} onChange={(e) => onChange(e.detail.value)} />
        </FormField>
      </Container>
      {chosen && (
        <Alert type={needsConsent(value) ? "warning" : "info"} header={needsConsent(value) ? "Alternatives recommended" : undefined}>
          {chosen.instead}
        </Alert>
      )}
      {needsConsent(value) && (
        <Container header={<Header>Confirmation</Header>}>
          <FormField errorText={missing}>
            <Checkbox checked={understood} onChange={(e) => onUnderstood(e.detail.checked)}>
              I understand the above recommendation and want to proceed to create an access key.
            </Checkbox>
          </FormField>
        </Container>
      )}
    </SpaceBetween>
  );
}
