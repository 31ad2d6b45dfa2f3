// Every page of the console as it stands when it is opened, about things that there
// are, asked by axe: wide and narrow, light and dark. Dialogs and the other states of
// pages are in the specs of their nouns.
import {
  AddUserToGroupCommand, AttachUserPolicyCommand, CreateAccessKeyCommand, CreateDelegationRequestCommand, CreateGroupCommand, CreateLoginProfileCommand,
  CreateOpenIDConnectProviderCommand, CreatePolicyCommand, CreateRoleCommand, CreateUserCommand, ListUsersCommand, PutUserPolicyCommand, TagUserCommand,
} from "@aws-sdk/client-iam";
import { CreateOrganizationalUnitCommand, CreateOrganizationCommand, CreatePolicyCommand as CreateOrganizationPolicyCommand, ListRootsCommand } from "@aws-sdk/client-organizations";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { routes } from "../src/routes";
import { accessible, clients, expect, open, signIn, test as base } from "./fixtures";
import { refusalOf } from "./people";
import { registered } from "./registrations";
import { start, type Server } from "./server";

const template = "arn:aws:iam::aws:delegation-template/example.com/Reader";
const topic = "arn:aws:sns:us-east-1:111122223333:delegations";
const config = (folder: string) => {
  const file = join(folder, "templates.json");
  const PolicyDocument = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["iam:ListUserTags"], Resource: "arn:aws:iam::*:user/@{userName}" }] };
  writeFileSync(file, JSON.stringify({ PolicyTemplates: [{ Arn: template, Partner: "Example Corp", PolicyDocument }] }));
  const apis = [{ id: "orders", account: "111122223333", region: "eu-west-1", upstream: "http://127.0.0.1:9", resource_policy: statement("Deny", "execute-api:Invoke", { Principal: "*" }) }];
  return JSON.stringify({ templates_file: file, topics: { [topic]: "http://127.0.0.1:9/" }, gateway: { listen: "127.0.0.1:0", apis } });
};

const statement = (Effect: string, Action: string, more: object = { Resource: "*" }) => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect, Action, Resource: "*", ...more }] });
const trust = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: "111122223333" }, Action: "sts:AssumeRole" }] });

/** What a parameter stands for, by the beginning of its path. */
type Values = Record<string, Record<string, string>>;

async function fill(server: Server): Promise<Values> {
  const { iam, organizations } = clients(server);
  await iam.send(new CreateUserCommand({ UserName: "Walker" }));
  await iam.send(new TagUserCommand({ UserName: "Walker", Tags: [{ Key: "team", Value: "red" }] }));
  await iam.send(new CreateLoginProfileCommand({ UserName: "Walker", Password: server.password }));
  await iam.send(new CreateGroupCommand({ GroupName: "Walkers" }));
  await iam.send(new AddUserToGroupCommand({ GroupName: "Walkers", UserName: "Walker" }));
  await iam.send(new PutUserPolicyCommand({ UserName: "Walker", PolicyName: "Inline", PolicyDocument: statement("Allow", "s3:Get*") }));
  await iam.send(new CreateRoleCommand({ RoleName: "Walking", AssumeRolePolicyDocument: trust }));
  const { Policy: policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "Walks", PolicyDocument: statement("Allow", "s3:Get*") }));
  await iam.send(new AttachUserPolicyCommand({ UserName: "Walker", PolicyArn: policy!.Arn }));
  const { OpenIDConnectProviderArn: provider } = await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://token.example.com", ClientIDList: ["sts.amazonaws.com"], ThumbprintList: ["0".repeat(40)] }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: "Walker" }));
  const own = clients(server, { accessKeyId: key!.AccessKeyId!, secretAccessKey: key!.SecretAccessKey! });
  const refused = await refusalOf(own.iam.send(new ListUsersCommand({})));
  const asked = await iam.send(
    new CreateDelegationRequestCommand({
      Description: "Reads tags", NotificationChannel: topic, RequestorWorkflowId: "workflow-1", SessionDuration: 3600,
      Permissions: { PolicyTemplateArn: template, Parameters: [{ Name: "userName", Type: "string", Values: ["Walker"] }] },
    }),
  );
  const app = await registered(server, "Orders", "arn:aws:iam::111122223333:role/Walking", "A2EXAMPLE12345");
  await organizations.send(new CreateOrganizationCommand({ FeatureSet: "ALL" }));
  const root = (await organizations.send(new ListRootsCommand({}))).Roots![0]!.Id;
  const unit = await organizations.send(new CreateOrganizationalUnitCommand({ ParentId: root, Name: "Tests" }));
  const control = await organizations.send(new CreateOrganizationPolicyCommand({ Name: "NoUsers", Description: "", Type: "SERVICE_CONTROL_POLICY", Content: statement("Deny", "iam:CreateUser") }));
  return {
    "/": { kind: "users", name: "Walker", policy: "Inline", arn: policy!.Arn!, provider: provider!, type: "SERVICE_CONTROL_POLICY", requestId: refused.$metadata.requestId! },
    "/groups": { name: "Walkers" },
    "/roles": { name: "Walking" },
    "/applications": { id: "orders/prod" },
    "/app-registrations": { clientId: app.client_id },
    "/iam/delegation-requests": { id: asked.DelegationRequestId! },
    "/organizations/targets": { id: unit.OrganizationalUnit!.Id! },
    "/organizations/policy": { id: control.Policy!.PolicySummary!.Id! },
  };
}

/** The addresses of a route: without and with what may be left out. */
function addresses(path: string, all: Values): string[] {
  const values = Object.keys(all).filter((begin) => path.startsWith(begin)).sort((a, b) => a.length - b.length).reduce((v, begin) => ({ ...v, ...all[begin] }), {} as Record<string, string>);
  const whole = path.replaceAll(/:(\w+)(\??)/g, (_, name: string, maybe) => {
    if (values[name] === undefined && !maybe) throw new Error(`${path}: nothing for ${name}`);
    return values[name] === undefined ? "" : encodeURIComponent(values[name]);
  });
  const short = path.replace(/\/:\w+\?$/, "");
  return [...new Set([whole.replace(/(.)\/$/, "$1"), ...(short.includes(":") ? [] : [short])])];
}

const test = base.extend<object, { walked: { server: Server; values: Values } }>({
  walked: [
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), "iamd-templates-"));
      const server = await start({ config: config(folder) });
      await use({ server, values: await fill(server) });
      await server.stop();
      rmSync(folder, { recursive: true });
    },
    { scope: "worker" },
  ],
});

const parts = 4;

for (const width of [1280, 390]) {
  for (let part = 0; part < parts; part++) {
    test(`axe finds nothing on any page, ${width} px wide (${part + 1} of ${parts})`, async ({ page, walked: { server, values } }) => {
      let waiting = 0;
      page.on("request", () => waiting++);
      for (const end of ["requestfinished", "requestfailed"] as const) page.on(end as "requestfinished", () => waiting--);
      await page.setViewportSize({ width, height: 900 });
      await signIn(page, server);
      const faults: string[] = [];
      for (const address of [...routes.flatMap((r) => addresses(r.path, values)), "/nowhere"].filter((_, i) => i % parts === part)) {
        await page.evaluate(() => document.querySelectorAll("h1").forEach((h) => h.classList.add("left")));
        await open(page, server, address);
        await expect(page.locator("h1:not(.left)").first(), address).toBeVisible();
        await expect.poll(() => waiting, { message: address, intervals: [20, 50] }).toBe(0);
        await expect(page.locator("[class*=awsui_spinner]"), address).toHaveCount(0);
        await expect(page.getByText(/This page has a fault|You don't have permission|That did not work/), address).toHaveCount(0);
        await accessible(page, address).catch((e: Error) => faults.push(e.message));
      }
      expect(faults.join("\n")).toBe("");
    });
  }
}
