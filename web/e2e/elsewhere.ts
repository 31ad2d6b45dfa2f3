// A web site of another origin, such as an attacker's.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Site {
  url: string;
  stop: () => Promise<void>;
}

/** Serves one page at every path. */
export async function elsewhere(html: string): Promise<Site> {
  const s = createServer((_, answer) => answer.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html)).listen(0, "127.0.0.1");
  await once(s, "listening");
  const stop = async () => {
    s.closeAllConnections();
    s.close();
    await once(s, "close");
  };
  return { url: `http://127.0.0.1:${(s.address() as AddressInfo).port}/`, stop };
}
