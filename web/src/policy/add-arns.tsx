import { useState } from "react";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import Textarea from "@cloudscape-design/components/textarea";
import type { ResourceNeed } from "./actions";
import { buildARN, faultOfAnswer, faultOfARN, partsOf, type Answers, type Part } from "./arn";

interface Props {
  /** The type that is asked for; without one ARNs are given as text. */
  need?: ResourceNeed;
  account?: string;
  onCancel: () => void;
  onAdd: (arns: string[]) => void;
}

/** Asks for ARNs: by the parts of a type, or as a list. */
export function AddARNs({ need, account, onCancel, onAdd }: Props) {
  const parts = need ? partsOf(need.type.arn) : [];
  const [tab, setTab] = useState(need ? "visual" : "text");
  const [answers, setAnswers] = useState<Answers>(() => Object.fromEntries(parts.map((p) => [p.name, p.kind === "account" ? account ?? "" : ""])));
  const [list, setList] = useState("");
  const [tried, setTried] = useState(false);

  const lines = list.split(/[\n,]/).map((l) => l.trim()).filter((l) => l !== "");
  const wrong = lines.map((l) => ({ l, fault: l === "*" ? undefined : faultOfARN(l) })).find((x) => x.fault);
  const listFault = lines.length === 0 ? "Enter at least one ARN." : wrong && `${wrong.l}: ${wrong.fault}`;
  const good = tab === "text" ? !listFault : parts.every((p) => !faultOfAnswer(p, answers[p.name] ?? ""));
  const arn = need ? buildARN(need.type.arn, answers) : "";
  const submit = () => {
    setTried(true);
    if (good) onAdd(tab === "text" ? lines : [arn]);
  };
  const set = (name: string, value: string) => setAnswers({ ...answers, [name]: value });

  const visual = need && (
    <SpaceBetween size="m">
      {parts.map((p) => (p.kind === "account"
        ? <AccountField key={p.name} part={p} own={account} value={answers[p.name] ?? ""} tried={tried} onChange={(v) => set(p.name, v)} />
        : <PartField key={p.name} part={p} value={answers[p.name] ?? ""} tried={tried} onChange={(v) => set(p.name, v)} onEnter={submit} />
      ))}
      <FormField label="Resource ARN" stretch>
        <Box variant="code"><span className="break-anywhere">{arn}</span></Box>
      </FormField>
    </SpaceBetween>
  );
  const text = (
    <FormField label="Resource ARNs" description="One ARN on each line." errorText={tried && tab === "text" ? listFault : undefined} stretch>
      <Textarea value={list} rows={8} spellcheck={false} placeholder={need?.type.arn} onChange={({ detail }) => setList(detail.value)} />
    </FormField>
  );
  return (
    <Modal
      visible
      header="Specify ARNs"
      closeAriaLabel="Close"
      onDismiss={onCancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onCancel}>Cancel</Button>
            <Button variant="primary" onClick={submit}>Add ARNs</Button>
          </SpaceBetween>
        </Box>
      }
    >
      {need
        ? <Tabs ariaLabel="Ways to specify ARNs" i18nStrings={{ scrollLeftAriaLabel: "Scroll left", scrollRightAriaLabel: "Scroll right" }} activeTabId={tab} onChange={({ detail }) => setTab(detail.activeTabId)} tabs={[{ id: "visual", label: "Visual", content: visual }, { id: "text", label: "Text", content: text }]} />
        : text}
    </Modal>
  );
}

interface FieldProps {
  part: Part;
  value: string;
  tried: boolean;
  onChange: (value: string) => void;
}

function PartField({ part, value, tried, onChange, onEnter }: FieldProps & { onEnter: () => void }) {
  const any = value === "*";
  return (
    <SpaceBetween size="xxs">
      <FormField label={`Resource ${part.label}`} errorText={tried ? faultOfAnswer(part, value) : undefined} stretch>
        <Input value={value} disabled={any} spellcheck={false} placeholder={part.kind === "region" ? "us-east-1" : undefined} onChange={({ detail }) => onChange(detail.value)} onKeyDown={(e) => e.detail.key === "Enter" && onEnter()} />
      </FormField>
      <Checkbox checked={any} onChange={({ detail }) => onChange(detail.checked ? "*" : "")}>Any {part.label}</Checkbox>
    </SpaceBetween>
  );
}

function AccountField({ part, own, value, tried, onChange }: FieldProps & { own?: string }) {
  const [here, setHere] = useState(own !== undefined && value === own);
  return (
    <SpaceBetween size="xxs">
      {own !== undefined && (
        <FormField label="Resource in">
          <RadioGroup
            ariaLabel="Resource in"
            value={here ? "this" : "other"}
            items={[{ value: "this", label: "This account", description: own }, { value: "other", label: "Other account" }]}
            onChange={({ detail }) => (setHere(detail.value === "this"), onChange(detail.value === "this" ? own : ""))}
          />
        </FormField>
      )}
      {!here && (
        <>
          <FormField label="Resource account ID" errorText={tried ? faultOfAnswer(part, value) : undefined}>
            <Input value={value} disabled={value === "*"} placeholder="111122223333" onChange={({ detail }) => onChange(detail.value.trim())} />
          </FormField>
          <Checkbox checked={value === "*"} onChange={({ detail }) => onChange(detail.checked ? "*" : "")}>Any account</Checkbox>
        </>
      )}
    </SpaceBetween>
  );
}
