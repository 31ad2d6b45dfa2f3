// Calls the Selling Partner API by a client library that knows nothing of iamd, as
// it is: names and the port 443 are the library's own, and only where connections
// go is told here, as a hosts file would tell it.
//
// Its input is one JSON value: where connections go, which release of the library,
// what it is made with, and the calls. It writes one JSON line for each call.

import https from 'node:https';
import tls from 'node:tls';
import SignedPartner from 'sp-api-signed'; // of the time when calls were signed
import Partner from 'sp-api-lwa';

const input = JSON.parse(await new Response(process.stdin).text());

https.globalAgent.createConnection = (options, connected) =>
  tls.connect({ ...options, host: '127.0.0.1', port: input.port, servername: options.servername || options.hostname }, connected);

const Library = input.signed ? SignedPartner : Partner;
for (const { config, calls } of input.clients) {
  const client = new Library(config);
  for (const call of calls) {
    let answer;
    try {
      answer = { output: await client.callAPI(call) };
    } catch (error) {
      answer = { error: { code: error.code, message: error.message, details: error.details } };
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  }
}
