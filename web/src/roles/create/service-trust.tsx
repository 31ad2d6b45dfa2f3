import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { StepProps } from "./entity-step";
import { casesOf, commonlyUsed, useCases } from "./use-cases";

const option = (value: string) => ({ value, label: value });
const options = [
  { label: "Commonly used services", options: commonlyUsed.map(option) },
  { label: "All services", options: useCases.filter((s) => !commonlyUsed.includes(s.service)).map(({ service }) => ({ ...option(service), filteringTags: casesOf(service).map((c) => c.principal) })) },
];

/** The use cases of services. */
export function ServiceTrust({ form, put, faults }: StepProps) {
  const cases = casesOf(form.service);
  return (
    <Container header={<Header variant="h2" description="Allow an AWS service like EC2, Lambda, or others to perform actions in this account.">Use case</Header>}>
      <SpaceBetween size="m">
        <FormField label="Service or use case" errorText={faults.service}>
          <Select
            placeholder="Choose a service or use case"
            filteringType="auto"
            filteringAriaLabel="Find a service"
            filteringPlaceholder="Find a service"
            empty="No matches. A custom trust policy can name any service."
            options={options}
            selectedOption={form.service ? option(form.service) : null}
            onChange={(e) => {
              const service = e.detail.selectedOption.value!;
              put({ service, useCase: casesOf(service).length === 1 ? casesOf(service)[0]!.name : "" });
            }}
          />
        </FormField>
        {cases.length > 0 && (
          <FormField label="Use case" description="Choose a use case for the specified service." errorText={faults.useCase}>
            <RadioGroup
              value={form.useCase || null}
              onChange={(e) => put({ useCase: e.detail.value })}
              items={cases.map((c) => ({ value: c.name, label: c.linked ? `${c.name} (service-linked role)` : c.name, description: c.description }))}
            />
          </FormField>
        )}
      </SpaceBetween>
    </Container>
  );
}
