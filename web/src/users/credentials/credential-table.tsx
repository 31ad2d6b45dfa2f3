import Box from "@cloudscape-design/components/box";
import ButtonDropdown, { type ButtonDropdownProps } from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useState, type ReactNode } from "react";
import { useAllowed, whyNot } from "../../shared/allowed";
import { Confirm } from "../../shared/confirm";
import { ErrorAlert } from "../../shared/errors";
import type { Loaded } from "../../shared/load";
import { notify, notifyError } from "../../shared/notify";

interface Props<T> {
  title: string; // "SSH public keys for AWS CodeCommit"
  noun: string; // "SSH public key"
  description: ReactNode;
  empty: string;
  loaded: Loaded<T[]>;
  columns: TableProps.ColumnDefinition<T>[];
  idOf: (item: T) => string;
  statusOf: (item: T) => string | undefined;
  /** The actions that change one and take it away, on the owner. */
  update: string;
  remove: string;
  resource: string;
  onSetActive: (item: T, active: boolean) => Promise<unknown>;
  onRemove: (item: T) => Promise<unknown>;
  more?: (item: T) => ButtonDropdownProps.Item[];
  onMore?: (id: string, item: T) => void;
  /** The button that adds one. */
  add: ReactNode;
}

/** "Active" or "Inactive", as a mark and a word. */
export function Status({ status }: { status: string | undefined }) {
  return <StatusIndicator type={status === "Active" ? "success" : "stopped"}>{status ?? "-"}</StatusIndicator>;
}

/** One kind of a user's credentials: what there is, switched on and off, and deleted. */
export function CredentialTable<T>(props: Props<T>) {
  const { loaded, idOf, statusOf, noun } = props;
  const [chosen, setChosen] = useState<string>();
  const [removing, setRemoving] = useState<T>();
  const mayUpdate = useAllowed(props.update, props.resource);
  const mayRemove = useAllowed(props.remove, props.resource);
  const item = loaded.data?.find((i) => idOf(i) === chosen);
  const active = item && statusOf(item) === "Active";
  const switchTo = async (on: boolean) => {
    try {
      await props.onSetActive(item!, on);
      notify("success", `${noun} ${idOf(item!)} ${on ? "activated" : "deactivated"}.`);
      loaded.reload();
    } catch (e) {
      notifyError(e, `${noun} ${idOf(item!)}`);
    }
  };
  const why = (may: boolean, action: string, other?: string) => (may ? other : whyNot(action));
  const choose = `Select ${/^([aeiou]|API|SSH)/i.test(noun) ? "an" : "a"} ${noun}`;
  const noChoice = item ? undefined : choose;
  return (
    <SpaceBetween size="s">
      <ErrorAlert error={loaded.error} onRetry={loaded.reload} />
      <Table<T>
        items={loaded.data ?? []}
        loading={loaded.loading && !loaded.data}
        loadingText={`Loading ${noun}s`}
        trackBy={idOf}
        wrapLines
        selectionType="single"
        selectedItems={item ? [item] : []}
        onSelectionChange={(e) => setChosen(e.detail.selectedItems[0] && idOf(e.detail.selectedItems[0]))}
        ariaLabels={{ tableLabel: props.title, selectionGroupLabel: choose, itemSelectionLabel: (_, i) => `Select ${idOf(i)}` }}
        header={
          <Header
            counter={loaded.data && `(${loaded.data.length})`}
            description={props.description}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <ButtonDropdown
                  ariaLabel={`Actions for ${props.title}`}
                  expandToViewport
                  disabled={!item}
                  disabledReason={noChoice}
                  items={[
                    ...(item && props.more ? props.more(item) : []),
                    { id: "on", text: "Activate", disabled: !mayUpdate || active === true, disabledReason: why(mayUpdate, props.update, "It is active already") },
                    { id: "off", text: "Deactivate", disabled: !mayUpdate || active === false, disabledReason: why(mayUpdate, props.update, "It is inactive already") },
                    { id: "delete", text: "Delete", disabled: !mayRemove, disabledReason: why(mayRemove, props.remove) },
                  ]}
                  onItemClick={({ detail: { id } }) => {
                    if (id === "on" || id === "off") void switchTo(id === "on");
                    else if (id === "delete") setRemoving(item);
                    else if (item) props.onMore?.(id, item);
                  }}
                >
                  Actions
                </ButtonDropdown>
                {props.add}
              </SpaceBetween>
            }
          >
            {props.title}
          </Header>
        }
        empty={<Box textAlign="center" color="inherit">{props.empty}</Box>}
        columnDefinitions={props.columns}
      />
      {removing && (
        <Confirm
          title={`Delete ${noun}?`}
          button="Delete"
          type={idOf(removing)}
          work={() => props.onRemove(removing)}
          onCancel={() => setRemoving(undefined)}
          onDone={() => {
            notify("success", `${noun} ${idOf(removing)} deleted.`);
            setRemoving(undefined);
            setChosen(undefined);
            loaded.reload();
          }}
        >
          Delete <b className="break-anywhere">{idOf(removing)}</b> permanently? Whatever uses it stops working at once.
        </Confirm>
      )}
    </SpaceBetween>
  );
}
