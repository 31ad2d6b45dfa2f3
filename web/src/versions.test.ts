import { GetUserCommand, IAMClient, NoSuchEntityException } from "@aws-sdk/client-iam";
import { HttpResponse } from "@smithy/core/protocols";
import { expect, test } from "vitest";
import { remember, Seen } from "./versions";

test("an answer stands for what its request named", () => {
  const seen = new Seen();
  const first = seen.begin();
  expect(first.header).toBeUndefined();
  first.answered(200, "a");
  const second = seen.begin();
  expect(second.header).toBe("a");
  second.answered(200, "b");
  expect(seen.begin().header).toBe("b");
});

test("answers to requests that crossed are kept beside each other", () => {
  const seen = new Seen();
  const [read, write] = [seen.begin(), seen.begin()];
  write.answered(200, "new");
  read.answered(200, "old"); // by a node that had not heard
  const next = seen.begin();
  expect(next.header).toBe("new,old");
  next.answered(200, "newest");
  expect(seen.begin().header).toBe("newest");
});

test("no more are sent than a server reads", () => {
  const seen = new Seen();
  const all = Array.from({ length: 12 }, () => seen.begin());
  all.forEach((r, i) => r.answered(200, `v${i}`));
  expect(seen.begin().header?.split(",")).toHaveLength(8);
});

test("what is refused for the versions is not sent again", () => {
  const seen = new Seen();
  seen.begin().answered(200, "a");
  seen.begin().answered(503, undefined); // a node that is behind: the version stands
  expect(seen.begin().header).toBe("a");
  seen.begin().answered(400, undefined);
  expect(seen.begin().header).toBeUndefined();
});

test("a client sends what it learned, unsigned, and learns from refusals too", async () => {
  const sent: Record<string, string>[] = [];
  const told = ["one", "two", "three"];
  const client = new IAMClient({
    region: "us-east-1",
    endpoint: "http://localhost",
    credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" },
    requestHandler: {
      handle: async (request: { headers: Record<string, string> }) => {
        sent.push({ ...request.headers });
        const text = "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no</Message></Error></ErrorResponse>";
        const body = new Blob([text]).stream();
        return { response: new HttpResponse({ statusCode: 404, headers: { "content-type": "text/xml", "x-iamd-version": told[sent.length - 1] }, body }) };
      },
    } as never,
  });
  const seen = new Seen();
  remember(client, seen);
  for (let i = 0; i < 2; i++) await expect(client.send(new GetUserCommand({ UserName: "u" }))).rejects.toBeInstanceOf(NoSuchEntityException);
  expect(sent[0]["x-iamd-version"]).toBeUndefined();
  expect(sent[1]["x-iamd-version"]).toBe("one");
  expect(sent[1].authorization).not.toContain("x-iamd-version");
  expect(seen.begin().header).toBe("two");
});
