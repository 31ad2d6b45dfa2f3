import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import { ListDelegationRequestsCommand, type DelegationRequest } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { at, follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { Page } from "../shared/page";
import { ResourceTable } from "../shared/resource-table";
import { showTime } from "../shared/time";
import { RequestState } from "./state";

/** Requests for temporary access that other accounts made, and this one owns. */
export default function DelegationRequests() {
  const list = useLoad(allRequests, []);
  return (
    <Page title="Delegation requests" description="Providers ask for temporary access to this account. Nothing is granted before somebody approves.">
      <ResourceTable<DelegationRequest>
        noun="delegation requests"
        header="Delegation requests"
        items={list.data}
        loading={list.loading}
        error={list.error}
        onReload={list.reload}
        idOf={(r) => r.DelegationRequestId!}
        filterText={(r) => [r.DelegationRequestId, r.RequestorName, r.RequestorId, r.Description, r.State].join(" ")}
        sortBy="created"
        descending
        empty={<Box textAlign="center" padding="m">Nobody has asked. A provider sends the link of its request; open that to take it on.</Box>}
        columns={[
          {
            id: "id", header: "Request ID", isRowHeader: true, sortingField: "DelegationRequestId",
            cell: (r) => <Link {...link(at("iam", "delegation-requests", r.DelegationRequestId!))} onFollow={follow}>{r.DelegationRequestId}</Link>,
          },
          { id: "from", header: "Requested by", sortingField: "RequestorName", cell: (r) => r.RequestorName ?? r.RequestorId },
          { id: "what", header: "Description", cell: (r) => r.Description },
          { id: "state", header: "Status", sortingField: "State", cell: (r) => <RequestState state={r.State} /> },
          { id: "created", header: "Created", sortingField: "CreateDate", cell: (r) => showTime(r.CreateDate) },
        ]}
      />
    </Page>
  );
}

async function allRequests(): Promise<DelegationRequest[]> {
  const all: DelegationRequest[] = [];
  let Marker: string | undefined;
  do {
    const page = await iam().send(new ListDelegationRequestsCommand({ Marker }));
    all.push(...(page.DelegationRequests ?? []));
    Marker = page.isTruncated ? page.Marker : undefined;
  } while (Marker);
  return all;
}
