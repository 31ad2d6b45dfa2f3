import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { ActionButton } from "./action-button";
import { ErrorAlert } from "./errors";
import { useLoad, useWork } from "./load";
import { notify } from "./notify";

export interface Tag {
  Key: string;
  Value: string;
}

const most = 50;

/** What is wrong with the n-th tag, or nothing. */
export function tagFault(tags: Tag[], n: number): string | undefined {
  const key = tags[n]!.Key;
  if (key === "") return "Enter a key.";
  if (/^aws:/i.test(key)) return "Keys can't begin with aws:.";
  if (tags.some((t, i) => i < n && t.Key.toLowerCase() === key.toLowerCase())) return "This key is there already.";
  return undefined;
}

export function tagsAreGood(tags: Tag[]): boolean {
  return tags.every((_, n) => tagFault(tags, n) === undefined);
}

/** Fields for tags: "Add new tag", at most 50. */
export function TagFields({ tags, onChange }: { tags: Tag[]; onChange: (tags: Tag[]) => void }) {
  const put = (n: number, tag: Partial<Tag>) => onChange(tags.map((t, i) => (i === n ? { ...t, ...tag } : t)));
  return (
    <AttributeEditor
      items={tags}
      addButtonText="Add new tag"
      removeButtonText="Remove"
      removeButtonAriaLabel={(t) => `Remove tag ${t.Key}`}
      empty="No tags associated with the resource."
      disableAddButton={tags.length >= most}
      additionalInfo={`You can add up to ${most - tags.length} more tags.`}
      onAddButtonClick={() => onChange([...tags, { Key: "", Value: "" }])}
      onRemoveButtonClick={(e) => onChange(tags.filter((_, i) => i !== e.detail.itemIndex))}
      definition={[
        {
          label: "Key",
          errorText: (t: Tag, n) => (t.Key === "" ? undefined : tagFault(tags, n)),
          control: (t: Tag, n) => <Input value={t.Key} placeholder="Enter key" ariaLabel={`Key of tag ${n + 1}`} onChange={(e) => put(n, { Key: e.detail.value })} />,
        },
        {
          label: "Value - optional",
          control: (t: Tag, n) => <Input value={t.Value} placeholder="Enter value" ariaLabel={`Value of tag ${n + 1}`} onChange={(e) => put(n, { Value: e.detail.value })} />,
        },
      ]}
    />
  );
}

interface TabProps {
  /** The actions that change tags, and on what: "iam:TagUser", "iam:UntagUser". */
  tagAction: string;
  untagAction: string;
  resource: string;
  load: () => Promise<Tag[]>;
  tag: (tags: Tag[]) => Promise<unknown>;
  untag: (keys: string[]) => Promise<unknown>;
}

/** The Tags tab of a resource's page. */
export function TagsTab(props: TabProps) {
  const tags = useLoad(props.load, [props.resource]);
  const [editing, setEditing] = useState<Tag[]>();
  const { busy, error, run, clear } = useWork();
  const save = async (next: Tag[]) => {
    const before = tags.data ?? [];
    const changed = next.filter((t) => !before.some((b) => b.Key === t.Key && b.Value === t.Value));
    const gone = before.filter((b) => !next.some((t) => t.Key === b.Key)).map((b) => b.Key);
    const good = await run(async () => {
      if (gone.length > 0) await props.untag(gone);
      if (changed.length > 0) await props.tag(changed);
    });
    tags.reload();
    if (good) {
      setEditing(undefined);
      notify("success", "Tags updated.");
    }
  };
  return (
    <SpaceBetween size="s">
      <ErrorAlert error={tags.error} onRetry={tags.reload} />
      <Table<Tag>
        items={tags.data ?? []}
        loading={tags.loading && !tags.data}
        loadingText="Loading tags"
        ariaLabels={{ tableLabel: "Tags" }}
        header={
          <Header
            counter={tags.data && `(${tags.data.length})`}
            description="Tags are key-value pairs that help you identify, organize, or search for resources."
            actions={
              <ActionButton action={props.tagAction} resource={props.resource} disabled={!tags.data} onClick={() => (clear(), setEditing(tags.data ?? []))}>
                Manage tags
              </ActionButton>
            }
          >
            Tags
          </Header>
        }
        empty="No tags associated with this resource."
        columnDefinitions={[
          { id: "key", header: "Key", cell: (t) => t.Key, isRowHeader: true },
          { id: "value", header: "Value", cell: (t) => t.Value || "-" },
        ]}
      />
      {editing && (
        <Modal
          visible
          size="large"
          header="Manage tags"
          closeAriaLabel="Close"
          onDismiss={() => setEditing(undefined)}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" onClick={() => setEditing(undefined)}>Cancel</Button>
                <Button variant="primary" loading={busy} disabled={!tagsAreGood(editing)} onClick={() => save(editing)}>Save changes</Button>
              </SpaceBetween>
            </Box>
          }
        >
          <SpaceBetween size="m">
            <ErrorAlert error={error} />
            <TagFields tags={editing} onChange={setEditing} />
          </SpaceBetween>
        </Modal>
      )}
    </SpaceBetween>
  );
}
