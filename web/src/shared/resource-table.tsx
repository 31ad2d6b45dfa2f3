import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useRef, useState, type ReactNode } from "react";
import { forgetAllowed } from "./allowed";
import { ErrorAlert } from "./errors";

export interface ResourceTableProps<T> {
  /** What the rows are, in plural and lower case: "users". */
  noun: string;
  items: T[] | undefined;
  loading: boolean;
  error?: unknown;
  onReload?: () => void;
  columns: TableProps.ColumnDefinition<T>[];
  /** What tells rows apart. */
  idOf: (item: T) => string;
  /** A row's name, when that is not what tells it apart: what it is called when it is
   * selected, and what the filter's text is compared with first. */
  labelOf?: (item: T) => string;
  /** What the filter looks at; else all of sorting fields' texts. */
  filterText?: (item: T) => string;
  header?: string;
  headerVariant?: "h1" | "h2" | "h3";
  description?: ReactNode;
  actions?: ReactNode;
  /** Beside the filter: selects that narrow the list. */
  filters?: ReactNode;
  /** What to show and say when there are none at all. */
  empty?: ReactNode;
  selection?: "single" | "multi";
  selected?: T[];
  onSelect?: (items: T[]) => void;
  isDisabled?: (item: T) => boolean;
  sortBy?: string; // the id of a column
  descending?: boolean;
  /** Told the id of the column that the person sorts by. */
  onSort?: (column: string) => void;
  variant?: TableProps["variant"];
  pageSize?: number;
  /** Columns that are shown only when the person asks for them; with this the
   * preferences let one choose columns. */
  hidden?: string[];
}

/** A list of resources: filter, sort, pages, selection, and what to say when
 * there is nothing. Fluid with thousands of rows, as only a page is drawn. */
export function ResourceTable<T>(props: ResourceTableProps<T>) {
  const { noun, idOf, filterText, selection } = props;
  const nameOf = props.labelOf ?? idOf;
  const ranks = useRef(new Map<T, number>()); // how well the rows that are left by the filter fit it
  ranks.current.clear();
  const descending = useRef(props.descending === true);
  const columns = useSteady(props.columns, (a, b) => {
    const by = (ranks.current.get(a) ?? 0) - (ranks.current.get(b) ?? 0);
    return descending.current ? -by : by; // in front, whichever way one sorts
  });
  const [size, setSize] = useState(props.pageSize ?? 50);
  const [display, setDisplay] = useState(() => columns.map((c) => ({ id: c.id!, visible: !props.hidden?.includes(c.id!) })));
  const sorted = columns.find((c) => c.id === props.sortBy) ?? columns.find((c) => c.sortingField || c.sortingComparator);
  const { items, collectionProps, filterProps, filteredItemsCount, paginationProps, actions } = useCollection(props.items ?? [], {
    filtering: {
      filteringFunction: (item, text) => {
        const wanted = text.trim().toLowerCase();
        if (!(filterText ?? allOf)(item).toLowerCase().includes(wanted)) return false;
        if (wanted !== "") ranks.current.set(item, rank(nameOf(item).toLowerCase(), wanted));
        return true;
      },
      noMatch: (
        <Box textAlign="center" padding="m">
          <SpaceBetween size="xs">
            <b>No matches</b>
            <Button onClick={() => actions.setFiltering("")}>Clear filter</Button>
          </SpaceBetween>
        </Box>
      ),
      empty: props.empty ?? (
        <Box textAlign="center" padding="m" color="inherit">
          No {noun}
        </Box>
      ),
    },
    pagination: { pageSize: size },
    sorting: sorted && { defaultState: { sortingColumn: sorted, isDescending: props.descending } },
    selection: {},
  });
  const total = props.items?.length ?? 0;
  const chosen = props.selected ?? [];
  return (
    <SpaceBetween size="s">
      {props.error !== undefined && <ErrorAlert error={props.error} onRetry={props.onReload} />}
      <Table<T>
        {...collectionProps}
        onSortingChange={(e) => {
          descending.current = e.detail.isDescending === true;
          const column = columns.find((c) => c.sortingComparator !== undefined && c.sortingComparator === e.detail.sortingColumn.sortingComparator);
          if (column?.id) props.onSort?.(column.id);
          collectionProps.onSortingChange?.(e);
        }}
        variant={props.variant ?? "container"}
        items={items}
        columnDefinitions={columns}
        columnDisplay={props.hidden && display}
        trackBy={idOf}
        loading={props.loading && props.items === undefined}
        loadingText={`Loading ${noun}`}
        stickyHeader={props.variant !== "embedded"}
        resizableColumns={false}
        wrapLines
        selectionType={selection}
        selectedItems={chosen}
        onSelectionChange={(e) => props.onSelect?.(e.detail.selectedItems)}
        isItemDisabled={props.isDisabled}
        ariaLabels={{
          tableLabel: props.header ?? noun,
          selectionGroupLabel: `Select ${noun}`,
          allItemsSelectionLabel: () => `Select all ${noun}`,
          itemSelectionLabel: (_, item) => `Select ${nameOf(item)}`,
        }}
        header={
          props.header && (
            <Header
              variant={props.headerVariant ?? "h2"}
              description={props.description}
              counter={props.items && (chosen.length ? `(${chosen.length}/${total})` : `(${total})`)}
              actions={
                (props.onReload || props.actions) && (
                  <SpaceBetween direction="horizontal" size="xs">
                    {props.onReload && <Button iconName="refresh" ariaLabel={`Refresh ${noun}`} onClick={() => (forgetAllowed(), props.onReload?.())} loading={props.loading} />}
                    {props.actions}
                  </SpaceBetween>
                )
              }
            >
              {props.header}
            </Header>
          )
        }
        filter={
          <SpaceBetween direction="horizontal" size="xs">
            <TextFilter
              {...filterProps}
              filteringPlaceholder={`Search ${noun}`}
              filteringAriaLabel={`Search ${noun}`}
              countText={filteredItemsCount === 1 ? "1 match" : `${filteredItemsCount ?? 0} matches`}
            />
            {props.filters}
          </SpaceBetween>
        }
        pagination={
          total > 10 && (
            <Pagination
              {...paginationProps}
              ariaLabels={{
                nextPageLabel: "Next page",
                previousPageLabel: "Previous page",
                pageLabel: (n) => `Page ${n}`,
                paginationLabel: `Pages of ${noun}`,
              }}
            />
          )
        }
        preferences={
          (total > 10 || props.hidden) && (
            <CollectionPreferences
              title="Preferences"
              confirmLabel="Confirm"
              cancelLabel="Cancel"
              preferences={{ pageSize: size, contentDisplay: display }}
              onConfirm={(e) => {
                setSize(e.detail.pageSize ?? 50);
                if (e.detail.contentDisplay) setDisplay(e.detail.contentDisplay.flatMap((c) => (c.id === undefined ? [] : [{ id: c.id, visible: "visible" in c && c.visible === true }])));
              }}
              contentDisplayPreference={
                props.hidden && {
                  title: "Columns",
                  options: columns.map((c, n) => ({ id: c.id!, label: String(c.header), alwaysVisible: n === 0 })),
                }
              }
              pageSizePreference={{
                title: "Page size",
                options: [10, 20, 50, 100, 200].map((value) => ({ value, label: `${value} ${noun}` })),
              }}
            />
          )
        }
      />
    </SpaceBetween>
  );
}

/** What the filter looks at where a table doesn't say. */
function allOf(item: unknown): string {
  return Object.values(item as object).map(String).join("\n");
}

/** Names that are what was asked for come first, then those that begin with it. */
function rank(name: string, wanted: string): number {
  return name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2;
}

type Comparator<T> = (a: T, b: T) => number;

/** The columns with comparators that stay the same function while the table lives:
 * by it a table knows which column it is sorted by. What `first` sets apart comes
 * before what the columns say. */
function useSteady<T>(columns: TableProps.ColumnDefinition<T>[], first: Comparator<T>): TableProps.ColumnDefinition<T>[] {
  const latest = useRef({ columns, first });
  latest.current = { columns, first };
  const steady = useRef(new Map<string, Comparator<T>>());
  return columns.map((c) => {
    if (!c.id || (!c.sortingComparator && !c.sortingField)) return c;
    let compare = steady.current.get(c.id);
    if (!compare) {
      compare = (a, b) => latest.current.first(a, b) || comparatorOf(latest.current.columns.find((l) => l.id === c.id))(a, b);
      steady.current.set(c.id, compare);
    }
    return { ...c, sortingComparator: compare };
  });
}

function comparatorOf<T>(column: TableProps.ColumnDefinition<T> | undefined): Comparator<T> {
  if (column?.sortingComparator) return column.sortingComparator;
  const field = column?.sortingField as keyof T | undefined;
  if (field === undefined) return () => 0;
  return (a, b) => compareValues(a[field] ?? "", b[field] ?? "");
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") return order.compare(a, b);
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

const order = new Intl.Collator(); // many times as fast as localeCompare
