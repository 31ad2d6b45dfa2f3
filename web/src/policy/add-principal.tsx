import { useState } from "react";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { currentSession } from "../session";
import { commonServices, faultOfPrincipal, principalChoices, principalValue, type PrincipalChoice } from "./principal";

interface Props {
  account?: string;
  onCancel: () => void;
  onAdd: (choice: PrincipalChoice, principal: string) => void;
}

/** Asks who is trusted. */
export function AddPrincipal({ account = currentSession()?.account.id, onCancel, onAdd }: Props) {
  const [choice, setChoice] = useState(principalChoices[0]!);
  const [entered, setEntered] = useState("");
  const [tried, setTried] = useState(false);
  const value = entered.trim();
  const fault = faultOfPrincipal(choice.kind, value);
  const add = () => {
    setTried(true);
    if (!fault) onAdd(choice, principalValue(choice.kind, value));
  };
  return (
    <Modal
      visible
      header="Add principal"
      closeAriaLabel="Close"
      onDismiss={onCancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onCancel}>Cancel</Button>
            <Button variant="primary" onClick={add}>Add principal</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField label="Principal type">
          <Select
            selectedOption={{ value: choice.kind, label: choice.label }}
            options={principalChoices.map((c) => ({ value: c.kind, label: c.label }))}
            onChange={({ detail }) => {
              setChoice(principalChoices.find((c) => c.kind === detail.selectedOption.value)!);
              setEntered("");
              setTried(false);
            }}
          />
        </FormField>
        <FormField
          label={choice.kind === "account" ? "Account ID" : choice.kind === "service" ? "Service" : "ARN"}
          description={choice.hint}
          constraintText={`For example: ${choice.example}`}
          errorText={tried ? fault : undefined}
        >
          {choice.kind === "service" ? (
            <Autosuggest value={entered} options={commonServices.map((s) => ({ value: s }))} clearAriaLabel="Clear" enteredTextLabel={(v) => `Use: ${v}`} empty="No services" onChange={({ detail }) => setEntered(detail.value)} />
          ) : (
            <Input value={entered} spellcheck={false} onChange={({ detail }) => setEntered(detail.value)} />
          )}
        </FormField>
        {choice.kind === "account" && account && <Button variant="inline-link" onClick={() => setEntered(account)}>This account ({account})</Button>}
      </SpaceBetween>
    </Modal>
  );
}
