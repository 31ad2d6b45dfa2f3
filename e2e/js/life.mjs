// Makes calls by the AWS SDK for JavaScript: each line that comes in is a call
// (kind, service, operation, input, size of pages, credentials), each line that
// goes out its answer (output or error, and warnings).
import { createInterface } from 'node:readline';

const [endpoint, region] = process.argv.slice(2);

let warnings = [];
const warned = (...words) => warnings.push(words.map(String).join(' '));
process.on('warning', warned);
console.warn = console.error = warned;
const quiet = () => {};
// The SDK calls every refusal an error, of which the caller hears anyway.
const logger = { trace: quiet, debug: quiet, info: quiet, warn: warned, error: quiet };

const services = { iam: 'IAM', sts: 'STS', organizations: 'Organizations' };

async function make({ kind, service, operation, input, size, credentials }) {
  const sdk = await import(`@aws-sdk/client-${service}`);
  const client = new sdk[`${services[service]}Client`]({ endpoint, region, credentials, logger, maxAttempts: 1 });
  try {
    switch (kind) {
      case 'pages':
        return await together(sdk[`paginate${operation}`]({ client, pageSize: size }, input));
      case 'wait':
        return await sdk[`waitUntil${operation}`]({ client, maxWaitTime: 10 }, input);
      default:
        return await client.send(new sdk[`${operation}Command`](input));
    }
  } finally {
    client.destroy();
  }
}

async function together(pages) {
  const all = {};
  for await (const page of pages) {
    for (const [name, value] of Object.entries(page)) {
      all[name] = Array.isArray(value) ? (all[name] ?? []).concat(value) : value;
    }
  }
  return all;
}

// Points in time are dates for the SDK, and texts in JSON.
const dates = (name, value) => (name.endsWith('Timestamp') ? new Date(value) : value);
const bytes = (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value);

for await (const line of createInterface({ input: process.stdin })) {
  const answer = {};
  try {
    answer.output = await make(JSON.parse(line, dates));
  } catch ({ Code, name, message }) {
    answer.error = { name: Code ?? name, message };
  }
  await new Promise(setImmediate); // Node gives warnings a turn later
  answer.warnings = warnings.join('\n');
  warnings = [];
  console.log(JSON.stringify(answer, bytes));
}
