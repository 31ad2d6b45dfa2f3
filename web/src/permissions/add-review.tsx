import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { ErrorAlert } from "../shared/errors";
import { useLoad } from "../shared/load";
import type { Choice } from "./add-to-user";
import { nameOfPolicy, permissionsOf } from "./attach";
import { typeOf } from "./policy-type";
import { namesOf, type Named } from "./user-picker";

/** What a user is about to be given. */
export function AddReview({ name, choice }: { name: string; choice: Choice }) {
  const copied = useLoad(async () => (choice.way === "copy" ? namesOf(await permissionsOf(choice.user!)) : []), [choice.way, choice.user]);
  const items: Named[] =
    choice.way === "groups" ? choice.groups.map((g) => ({ name: g, type: "Group" }))
    : choice.way === "policies" ? choice.policies.map((arn) => ({ name: nameOfPolicy(arn), type: typeOf(arn) }))
    : copied.data ?? [];
  return (
    <SpaceBetween size="s">
      <ErrorAlert error={copied.error} onRetry={copied.reload} />
      <Table<Named>
        header={<Header counter={`(${items.length})`} description={`User: ${name}${choice.way === "copy" ? `. Copied from: ${choice.user}` : ""}`}>Permissions summary</Header>}
        ariaLabels={{ tableLabel: "Permissions summary" }}
        items={items}
        loading={choice.way === "copy" && copied.loading}
        loadingText="Loading permissions"
        empty={`The user ${choice.user} has no permissions to copy.`}
        wrapLines
        columnDefinitions={[
          { id: "name", header: "Name", isRowHeader: true, cell: (x) => x.name },
          { id: "type", header: "Type", cell: (x) => x.type },
          { id: "used", header: "Used as", cell: (x) => (x.type === "Group" ? "Group membership" : "Permissions policy") },
        ]}
      />
    </SpaceBetween>
  );
}
