import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useRef, useState } from "react";
import { laidOut } from "../permissions/policies";
import { PolicyDocument } from "../policy/policy-document";
import { Copy } from "../shared/copy";
import { at, follow, link } from "../shared/link";
import { useLoad } from "../shared/load";
import { Missing } from "../shared/missing";
import { Page } from "../shared/page";
import { useParam } from "../shared/param";
import { ResourceTable } from "../shared/resource-table";
import { applications, invokers, type Application, type Invoker } from "./applications";
import { foreignPrincipals } from "./foreign";

/** One API: where it is, and who may invoke it. */
export default function ApplicationPage() {
  const id = useParam("id");
  const found = useLoad(async () => ({ app: (await applications()).find((a) => a.id + "/" + a.stage === id) }), [id]);
  const app = found.data?.app;
  const above: [string, string][] = [["Applications", "/applications"]];
  if (!app && found.loading) return <Page title={id} above={above}><Box textAlign="center"><Spinner /></Box></Page>;
  if (!app) return <Missing noun="application" name={id} list={above[0]!} error={found.error} onRetry={found.reload} />;
  return (
    <Page title={app.id} above={above}>
      <Container header={<Header>Details</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: "Resources", value: <Copy text={app.arn} label="ARN of the API's resources" /> },
            { label: "Stage", value: app.stage },
            { label: "Region", value: app.region },
            { label: "Hosts", value: app.hosts.join(", ") || "Any" },
            ...(app.pathPrefix ? [{ label: "Path prefix", value: app.pathPrefix }] : []),
            { label: "Authorization", value: <Contract authorization={app.authorization} /> },
            { label: "Upstream", value: app.upstream ?? "-" },
          ]}
        />
      </Container>
      {app.resourcePolicy && (
        <Container header={<Header>Resource policy</Header>}>
          <SpaceBetween size="m">
            <PolicyDocument text={laidOut(app.resourcePolicy)} />
            <Foreign app={app} />
          </SpaceBetween>
        </Container>
      )}
      <WhoMay app={app} />
    </Page>
  );
}

/** How calls are admitted; where a registered application must make them, with the way
 * to those. */
function Contract({ authorization }: { authorization: string }) {
  if (!authorization.includes("LWA")) return authorization;
  return <>{authorization} · <Link {...link("/app-registrations")} onFollow={follow}>App registrations</Link></>;
}

/** Whom the resource policy admits and the list of who may invoke can't have. */
function Foreign({ app }: { app: Application }) {
  const named = foreignPrincipals(app.resourcePolicy, app.account);
  return (
    <Alert type="info" header="Principals of other accounts are not listed below">
      {named.length === 0
        ? "The resource policy allows nothing to any of them."
        : "What the resource policy allows to them, their own account must allow too. The resource policy names:"}
      {named.length > 0 && <ul>{named.map((p) => <li key={p} className="break-anywhere">{p === "*" ? "Everyone (*)" : p}</li>)}</ul>}
    </Alert>
  );
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const words: Record<string, string> = { allowed: "May invoke", explicitDeny: "Denied by a policy", implicitDeny: "Not allowed" };

function WhoMay({ app }: { app: Application }) {
  const [method, setMethod] = useState("GET");
  const [path, setPath] = useState("/");
  const [result, setResult] = useState<{ resource: string; items: Invoker[]; busy: boolean; error?: unknown }>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const resource = app.arn.replace(/\*\/\*$/, `${method}/${path.replace(/^\/+/, "")}`);
  const ask = async () => {
    stop.current?.abort();
    const mine = (stop.current = new AbortController());
    const put = (change: (r: { resource: string; items: Invoker[]; busy: boolean }) => object) =>
      !mine.signal.aborted && setResult((r) => ({ ...r!, ...change(r!) }));
    setResult({ resource, items: [], busy: true });
    try {
      await invokers(app, resource, (some) => put((r) => ({ items: [...r.items, ...some] })), mine.signal);
      put(() => ({ busy: false }));
    } catch (error) {
      put(() => ({ busy: false, error }));
    }
  };
  return (
    <SpaceBetween size="l">
      <Container header={<Header description="Asks the policy simulator for each user and role of the account.">Who may invoke it</Header>}>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            void ask();
          }}
        >
          <SpaceBetween size="m">
            <SpaceBetween direction="horizontal" size="m">
              <FormField label="Method">
                <Select selectedOption={{ value: method }} options={methods.map((value) => ({ value }))} onChange={(e) => setMethod(e.detail.selectedOption.value!)} />
              </FormField>
              <FormField label="Path">
                <Input value={path} spellcheck={false} onChange={(e) => setPath(e.detail.value)} />
              </FormField>
            </SpaceBetween>
            <Box color="text-body-secondary" fontSize="body-s"><span className="break-anywhere">{resource}</span></Box>
            <Button formAction="submit" loading={result?.busy}>Show who may invoke</Button>
          </SpaceBetween>
        </form>
      </Container>
      {result && (
        <ResourceTable<Invoker>
          noun="principals"
          header="Users and roles"
          description={<span className="break-anywhere">{result.resource}</span>}
          items={result.items}
          loading={result.busy}
          error={result.error}
          onReload={ask}
          idOf={(p) => p.arn}
          filterText={(p) => `${p.name} ${p.kind} ${words[p.decision]}`}
          columns={[
            {
              id: "name", header: "Name", isRowHeader: true, sortingField: "name",
              cell: (p) => <Link {...link(at(p.kind + "s", p.name))} onFollow={follow}>{p.name}</Link>,
            },
            { id: "kind", header: "Kind", sortingField: "kind", cell: (p) => (p.kind === "user" ? "User" : "Role") },
            {
              id: "decision", header: "Decision", minWidth: 170, sortingField: "decision",
              cell: (p) => <StatusIndicator type={p.decision === "allowed" ? "success" : p.decision === "explicitDeny" ? "error" : "stopped"}>{words[p.decision] ?? p.decision}</StatusIndicator>,
            },
          ]}
        />
      )}
    </SpaceBetween>
  );
}
