import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import {
  CloseAccountCommand, CreateOrganizationalUnitCommand, DeleteOrganizationalUnitCommand, MoveAccountCommand, RemoveAccountFromOrganizationCommand,
  UpdateOrganizationalUnitCommand,
} from "@aws-sdk/client-organizations";
import { useState, type ReactNode } from "react";
import { organizations } from "../aws";
import { Confirm } from "../shared/confirm";
import { EditDialog } from "../shared/edit-dialog";
import { notify } from "../shared/notify";
import { TagFields, tagsAreGood, type Tag } from "../shared/tags";
import { all, line, type Node } from "./tree";

interface Ends {
  onDone: () => void;
  onCancel: () => void;
}

interface FormProps extends Ends {
  title: string;
  button: string;
  good: boolean;
  work: () => Promise<unknown>;
  said: string; // when it is done
  children: ReactNode;
}

/** A dialog with fields, and one thing that it does. */
export function FormDialog({ title, button, good, work, said, children, onDone, onCancel }: FormProps) {
  const done = () => {
    notify("success", said);
    onDone();
  };
  return (
    <EditDialog title={title} button={button} ready={good} work={work} onDone={done} onCancel={onCancel}>
      {children}
    </EditDialog>
  );
}

export function CreateUnit({ parent, ...ends }: Ends & { parent: Node }) {
  const [name, setName] = useState("");
  const [tags, setTags] = useState<Tag[]>([]);
  return (
    <FormDialog
      title={`Create organizational unit in ${parent.name}`}
      button="Create organizational unit"
      good={name.trim() !== "" && tagsAreGood(tags)}
      said={`Organizational unit ${name.trim()} created.`}
      work={async () => (await organizations()).send(new CreateOrganizationalUnitCommand({ ParentId: parent.id, Name: name.trim(), Tags: tags }))}
      {...ends}
    >
      <FormField label="Organizational unit name" constraintText="1 to 128 characters">
        <Input value={name} autoComplete={false} onChange={(e) => setName(e.detail.value)} />
      </FormField>
      <TagFields tags={tags} onChange={setTags} />
    </FormDialog>
  );
}

export function Rename({ unit, ...ends }: Ends & { unit: Node }) {
  const [name, setName] = useState(unit.name);
  return (
    <FormDialog
      title={`Rename ${unit.name}`}
      button="Save changes"
      good={name.trim() !== ""}
      said={`The unit is now called ${name.trim()}.`}
      work={async () => (await organizations()).send(new UpdateOrganizationalUnitCommand({ OrganizationalUnitId: unit.id, Name: name.trim() }))}
      {...ends}
    >
      <FormField label="Organizational unit name">
        <Input value={name} autoComplete={false} onChange={(e) => setName(e.detail.value)} />
      </FormField>
    </FormDialog>
  );
}

export function Move({ account, root, ...ends }: Ends & { account: Node; root: Node }) {
  const places = all(root).filter((n) => n.kind !== "account" && n !== account.parent);
  const [to, setTo] = useState<string | undefined>(places[0]?.id);
  const option = (n?: Node) => (n ? { value: n.id, label: line(n).map((p) => p.name).join(" / "), description: n.id } : null);
  return (
    <FormDialog
      title={`Move AWS account ${account.name}`}
      button="Move AWS account"
      good={to !== undefined}
      said={`${account.name} moved.`}
      work={async () => (await organizations()).send(new MoveAccountCommand({ AccountId: account.id, SourceParentId: account.parent!.id, DestinationParentId: to! }))}
      {...ends}
    >
      <Alert type="info">The account loses the policies of where it stands, and gets those of where it goes.</Alert>
      <FormField label="Destination">
        {places.length > 0 ? (
          <Select selectedOption={option(places.find((p) => p.id === to))} options={places.map((p) => option(p)!)} onChange={(e) => setTo(e.detail.selectedOption.value)} />
        ) : (
          "There is no other place: create an organizational unit first."
        )}
      </FormField>
    </FormDialog>
  );
}

/** Deletes a unit, takes an account out of the organization, or closes it. */
export function Remove({ node, how, ...ends }: Ends & { node: Node; how: "remove" | "close" }) {
  const client = organizations;
  const [title, button, text, type, work] =
    node.kind === "unit"
      ? ([`Delete ${node.name}?`, "Delete", "A unit must be empty before it is deleted.", node.name,
          async () => (await client()).send(new DeleteOrganizationalUnitCommand({ OrganizationalUnitId: node.id }))] as const)
      : how === "close"
        ? ([`Close ${node.name}?`, "Close account", "Nobody can sign in to a closed account any more, and its keys stop working. It stays in the organization as suspended for 90 days.", node.id,
            async () => (await client()).send(new CloseAccountCommand({ AccountId: node.id }))] as const)
        : ([`Remove ${node.name} from the organization?`, "Remove account", "The account goes on alone: none of the organization's policies bind it any more.", node.id,
            async () => (await client()).send(new RemoveAccountFromOrganizationCommand({ AccountId: node.id }))] as const);
  return (
    <Confirm title={title} button={button} type={type} work={work} {...ends} onDone={() => (notify("success", `${node.name}: done.`), ends.onDone())}>
      {text}
    </Confirm>
  );
}
