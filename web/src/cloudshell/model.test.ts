/// <reference types="node" />
import * as iam from "@aws-sdk/client-iam";
import * as organizations from "@aws-sdk/client-organizations";
import * as sts from "@aws-sdk/client-sts";
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import * as cloudtrail from "./cloudtrail";
import { documents, waiters } from "./facts";
import { readModel, type Module, type Shape } from "./model";
import { optionTable } from "./option-table";

// The AWS CLI's own data, by its library in Python: of each service its operations
// with their options, the shapes of what goes in and out, how lists come by pages,
// and waiters.
const script = `
import json, sys
try:
    import botocore.session as session
    from botocore import xform_name
except ImportError:
    import awscli.botocore.session as session
    from awscli.botocore import xform_name
def shape(s, above):
    t = s.type_name
    if t == 'structure':
        if s.name in above: return [t, s.name]
        return [t, s.name, [[n, shape(m, above + [s.name])] for n, m in s.members.items()], s.required_members]
    if t == 'list': return [t, shape(s.member, above)]
    if t == 'map': return [t, shape(s.value, above)]
    return ['document' if s.name == 'policyDocumentType' else {'long': 'integer', 'float': 'integer', 'double': 'integer'}.get(t, t)]
out = {}
for name in ['cloudtrail', 'iam', 'organizations', 'sts']:
    s = session.get_session()
    m = s.get_service_model(name)
    pages = s.get_paginator_model(name)
    ops = {}
    for o in m.operation_names:
        op = m.operation_model(o)
        try: p = pages.get_paginator(o)
        except ValueError: p = None
        ops[o] = {'command': xform_name(o, '-'), 'input': op.input_shape and shape(op.input_shape, []), 'output': op.output_shape and shape(op.output_shape, []),
            'options': {xform_name(n, '-'): n for n in (op.input_shape.members if op.input_shape else {})}, 'pages': p}
    try: waits = s.get_waiter_model(name)
    except Exception: waits = None
    out[name] = {'operations': ops, 'waiters': {xform_name(w, '-'): [xform_name(waits.get_waiter(w).operation, '-'), waits.get_waiter(w).max_attempts, waits.get_waiter(w).delay] for w in (waits.waiter_names if waits else [])}}
print(json.dumps(out))
`;

type Theirs = [kind: string, of?: unknown, members?: [string, Theirs][], required?: string[]];
interface Pages {
  input_token: string;
  output_token: string;
  limit_key?: string;
  more_results?: string;
  result_key: string | string[];
  non_aggregate_keys?: string[];
}
interface Data {
  operations: Record<string, { command: string; input: Theirs | null; output: Theirs | null; options: Record<string, string>; pages: Pages | null }>;
  waiters: Record<string, [string, number, number]>;
}

function ask(): Record<string, Data> | undefined {
  for (const python of ["python3", "/usr/bin/python3", "python"]) {
    const { status, stdout } = spawnSync(python, ["-c", script], { encoding: "utf8", maxBuffer: 1 << 28 });
    if (status === 0) return JSON.parse(stdout) as Record<string, Data>;
  }
  console.log("The shell's models are not held against the AWS CLI's: no Python here has botocore or awscli.");
  return undefined;
}

const data = ask();
const modules: Record<string, Module> = { cloudtrail, iam, organizations, sts };

/** What the server answers of a service that it does not have whole. */
const served: Record<string, string[]> = { cloudtrail: ["LookupEvents"] };

/** What AWS has changed since version 2.9 of the CLI, which some systems still install. */
const changed = new Set([
  "CreateLoginProfile requires , not UserName,Password",
  "CreateOpenIDConnectProvider requires Url, not Url,ThumbprintList",
  "DeactivateMFADevice requires SerialNumber, not UserName,SerialNumber",
  "DeleteLoginProfile requires , not UserName",
  "GetLoginProfile requires , not UserName",
  "UpdateSAMLProvider requires SAMLProviderArn, not SAMLMetadataDocument,SAMLProviderArn",
  ...["InstanceProfile", "MFADevice", "OpenIDConnectProvider", "Policy", "Role", "SAMLProvider", "ServerCertificate"].map((n) => `List${n}Tags comes by pages: false, not true`),
]);
const isOld = data !== undefined && !("CreateDelegationRequest" in data["iam"]!.operations);

/** What of theirs ours lacks or has otherwise, with the place. Ours may know more. */
function compare(theirs: Theirs, ours: Shape | undefined, at: string, faults: string[], parent = "", output = false): void {
  const [kind, of, members, required] = theirs;
  if (!ours) return void faults.push(`${at} is not there`);
  if (kind === "document") {
    if (output && !documents.has(`${parent}.${at.split(".").at(-1)}`)) faults.push(`${at} is a document`);
    return void (ours.kind === "string" || faults.push(`${at} is ${ours.kind}`));
  }
  if (ours.kind !== kind) return void faults.push(`${at} is ${ours.kind}, not ${kind}`);
  if (ours.kind === "list") return compare(of as Theirs, ours.member, at + "[]", faults, "", output);
  if (ours.kind === "map") return compare(of as Theirs, ours.value, at + "{}", faults, "", output);
  if (ours.kind !== "structure" || !members) return;
  const names = members.map(([n]) => n);
  const order = [...ours.members.keys()].filter((n) => names.includes(n));
  if (order.join() !== names.join()) faults.push(`${at} has ${order.join()}, not ${names.join()}`);
  const wanted = [...ours.required].filter((n) => names.includes(n)).sort().join();
  if (!output && wanted !== [...required!].sort().join()) faults.push(`${at} requires ${wanted}, not ${required!.join()}`);
  for (const [n, s] of members) compare(s, ours.members.get(n), `${at}.${n}`, faults, ours.name, output);
}

describe.runIf(data)("the models are those of the AWS CLI", () => {
  for (const [service, { operations: all, waiters: theirWaiters }] of Object.entries(data ?? {})) {
    const model = readModel(modules[service]!);
    const operations = Object.fromEntries(Object.entries(all).filter(([name]) => served[service]?.includes(name) ?? true));
    it(`${service}: ${Object.keys(operations).length} operations`, () => {
      const faults: string[] = [];
      for (const [name, theirs] of Object.entries(operations)) {
        const ours = model.get(theirs.command);
        if (ours?.name !== name) {
          faults.push(`there is no ${theirs.command} for ${name}`);
          continue;
        }
        if (theirs.input) compare(theirs.input, ours.input, name, faults);
        if (theirs.output) compare(theirs.output, ours.output, name + " gives", faults, "", true);
        for (const [option, member] of Object.entries(theirs.options)) {
          if (ours.options.get(option) !== member) faults.push(`${name}: --${option} is not ${member}`);
        }
        const p = theirs.pages;
        const q = ours.paging;
        if (!p !== !q) faults.push(`${name} comes by pages: ${!!p}, not ${!!q}`);
        if (!p || !q) continue;
        const want = [p.input_token, p.output_token, p.limit_key, p.more_results, [p.result_key].flat(), p.non_aggregate_keys ?? []];
        const got = [q.token, q.token, q.limit, q.more, q.lists, q.once];
        if (JSON.stringify(want) !== JSON.stringify(got)) faults.push(`${name} comes by pages ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
      }
      expect(faults.filter((f) => !isOld || !changed.has(f))).toEqual([]);
    });
    it(`${service}: waiters`, () => {
      const ours = Object.entries(waiters[service] ?? {}).map(([name, w]) => [name, [w.operation, w.attempts, 1]]);
      expect(Object.fromEntries(ours)).toEqual(theirWaiters);
    });
  }
});

describe("the models", () => {
  it("have no two options of one name", () => {
    for (const module of Object.values(modules)) {
      for (const operation of readModel(module).values()) {
        const names = optionTable(operation).flatMap((o) => (o.takes === "switch" ? [o.name, "no-" + o.name] : [o.name]));
        expect(new Set(names).size, operation.name).toBe(names.length);
      }
    }
  });
  it("know the services whole, and of the others what is served", () => {
    const least: Record<string, number> = { iam: 176, organizations: 63, sts: 11 };
    for (const [service, module] of Object.entries(modules)) {
      const names = [...readModel(module).values()].map((o) => o.name);
      if (served[service]) expect(names, service).toEqual(served[service]);
      else expect(names.length, service).toBeGreaterThanOrEqual(least[service]!);
    }
  });
});
