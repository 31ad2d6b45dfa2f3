// What the server told of the state that its answers stood upon, sent back with the
// next request: any of several nodes may answer it, and none answers from before.
// A server alone tells nothing, and gets nothing.
import type { IAMClient } from "@aws-sdk/client-iam";

export const versionHeader = "x-iamd-version";

/** As many as a server reads of one request. */
const most = 8;

/** The versions that one session has seen. An answer stands for all that its request
 * named, so mostly there is one; answers to requests that crossed come beside it. */
export class Seen {
  private held: readonly string[] = [];

  /** What a request sends, and what is to be told of its answer's header: undefined
   * when there is none. */
  begin(): { header: string | undefined; answered: (status: number, version: string | undefined) => void } {
    const sent = this.held;
    return {
      header: sent.length > 0 ? sent.join(",") : undefined,
      answered: (status, version) => {
        if (version) this.held = sent === this.held ? [version] : [...this.held, version].slice(-most);
        // Refused for what was sent: keys that sealed it are gone.
        else if (status === 400 && sent === this.held) this.held = [];
      },
    };
  }
}

interface Sent {
  headers: Record<string, string>;
}
interface Answered {
  statusCode: number;
  headers: Record<string, string>;
}

/** Has a client send and learn versions. The header is not signed, as it is for the
 * first who reads it and goes no further. */
export function remember(client: Pick<IAMClient, "middlewareStack">, seen: Seen): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const { header, answered } = seen.begin();
      const sent = (args as { request: Sent }).request;
      if (header) sent.headers[versionHeader] = header;
      else delete sent.headers[versionHeader]; // of the try before
      const out = await next(args);
      const { statusCode, headers } = out.response as Answered;
      answered(statusCode, headers[versionHeader]);
      return out;
    },
    // Within what reads the answer, so that refusals are looked at too.
    { step: "deserialize", name: "seenVersions", priority: "low" },
  );
}
