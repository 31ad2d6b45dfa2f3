// Runs the shell's aws in Node, for tests: each line that comes in is a command
// (words, endpoint, credentials, files, members to leave out), each line that goes out what came of it.
import { createInterface } from "node:readline";
import * as iam from "@aws-sdk/client-iam";
import * as organizations from "@aws-sdk/client-organizations";
import * as sts from "@aws-sdk/client-sts";
import * as cloudtrail from "./cloudtrail";
import { runAws } from "./command";
import { Files, fromBase64 } from "./files";

const services = {
  cloudtrail: [cloudtrail, cloudtrail.CloudTrailClient],
  iam: [iam, iam.IAMClient],
  organizations: [organizations, organizations.OrganizationsClient],
  sts: [sts, sts.STSClient],
};

/** Leaves out members that an older CLI does not know. */
function less(value, without) {
  if (Array.isArray(value)) return value.map((v) => less(v, without));
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  const names = Object.keys(value).filter((n) => !without.includes(n));
  return Object.fromEntries(names.map((n) => [n, less(value[n], without)]));
}

async function run({ words, endpoint, credentials, files, without = [] }) {
  const kept = new Files();
  for (const [name, content] of Object.entries(files ?? {})) kept.write(name, fromBase64(content));
  const around = {
    files: kept,
    width: () => 80,
    region: "us-east-1",
    accessKeyId: () => credentials.accessKeyId,
    sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
    async load(name) {
      const [module, Client] = services[name];
      const client = new Client({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
      const send = async (command, options) => less(await client.send(command, options), without);
      return { module, client: { send } };
    },
  };
  const result = await runAws(words, around);
  const written = Object.fromEntries(kept.list().map((n) => [n, Buffer.from(kept.read(n)).toString("base64")]));
  return { ...result, files: written };
}

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await run(JSON.parse(line))));
