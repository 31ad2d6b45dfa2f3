import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import { at, follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { ResourceTable } from "../shared/resource-table";
import { applications, type Application } from "./applications";

/** The APIs behind the gateway that are this account's. */
export default function Applications() {
  const list = useLoad(applications, []);
  return (
    <Page title="Applications" description="The APIs of this account behind the gateway. A call reaches one only when it is signed and execute-api:Invoke is allowed.">
      <ResourceTable<Application>
        noun="applications"
        header="Applications"
        items={list.data}
        loading={list.loading}
        error={list.error}
        onReload={list.reload}
        idOf={(a) => `${a.id}/${a.stage}`}
        filterText={(a) => [a.id, a.stage, a.region, ...a.hosts].join(" ")}
        empty={<Box textAlign="center" padding="m">No API of this account is behind the gateway. They are listed in the server's configuration file, under gateway.</Box>}
        columns={[
          { id: "id", header: "API", isRowHeader: true, sortingField: "id", cell: (a) => <Link {...link(at("applications", a.id + "/" + a.stage))} onFollow={follow}>{a.id}</Link> },
          { id: "stage", header: "Stage", cell: (a) => a.stage },
          { id: "region", header: "Region", cell: (a) => a.region },
          { id: "hosts", header: "Hosts", cell: (a) => a.hosts.join(", ") || "Any" },
          { id: "authorization", header: "Authorization", cell: (a) => a.authorization },
          { id: "policy", header: "Resource policy", cell: (a) => (a.resourcePolicy ? "Yes" : "-") },
        ]}
      />
    </Page>
  );
}
