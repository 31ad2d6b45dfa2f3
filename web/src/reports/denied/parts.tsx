import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { follow, href } from "../../shared/link";
import { ResourceTable } from "../../shared/resource-table";
import { simulatorPath, type TracedKey } from "./trace";

/** The condition keys that a request had. */
export function ContextTable({ keys }: { keys: TracedKey[] }) {
  return (
    <ResourceTable<TracedKey>
      noun="condition keys"
      header="Condition keys of the request"
      items={keys}
      loading={false}
      idOf={(k) => k.key}
      filterText={(k) => `${k.key} ${k.values.join(" ")}`}
      sortBy="key"
      columns={[
        { id: "key", header: "Key", isRowHeader: true, minWidth: 180, sortingField: "key", cell: (k) => <span className="break-anywhere">{k.key}</span> },
        { id: "values", header: "Values", minWidth: 220, cell: (k) => <span className="break-anywhere">{k.values.join(", ") || "-"}</span> },
      ]}
    />
  );
}

interface Asked {
  arn: string;
  action: string;
  resource: string | undefined;
  context: TracedKey[];
}

/** Opens the simulator with the same question. */
export function SimulatorButton({ arn, action, resource, context }: Asked) {
  const path = simulatorPath(arn, action, resource, context);
  return (
    <Button href={path && href(path)} onFollow={follow} disabled={!path} disabledReason="The simulator asks the policies of users and roles">
      Open in policy simulator
    </Button>
  );
}

export function Long({ text }: { text: string }) {
  return <Box><span className="break-anywhere">{text}</span></Box>;
}
