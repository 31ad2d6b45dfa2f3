import { expect, test } from "./fixtures";
import { elsewhere } from "./elsewhere";

const pages =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const answers = "default-src 'none'; frame-ancestors 'none'";

test("every answer under /console has the headers that protect it, and sets no cookie", async ({ server }) => {
  const asked: [string, string, number[]][] = [
    ["GET", "/console", [301]], ["GET", "/console/", [200, 503]], ["HEAD", "/console/", [200, 503]], ["POST", "/console/", [405]],
    ["GET", "/console/index.html", [404, 503]], ["GET", "/console/icon.svg", [200, 503]], ["GET", "/console/assets/none.js", [404, 503]],
    ["GET", "/console/..%2f..%2fetc/passwd", [404, 503]], ["GET", "/console/.gitkeep", [404, 503]],
    ["GET", "/console/api/about", [200]], ["GET", "/console/api/none", [404]], ["GET", "/console/api//about", [404]],
    ["POST", "/console/api/about", [404, 405]], ["GET", "/console/api/reference/services", [200]], ["GET", "/console/api/reference/services/none", [404]],
    ...["signin", "signup", "renew", "root-password", "passkeys/begin", "passkeys/finish", "denials", "applications"].flatMap((p): [string, string, number[]][] => [
      ["GET", "/console/api/" + p, [404, 405]], ["OPTIONS", "/console/api/" + p, [404, 405]], ["POST", "/console/api/" + p, [415]],
    ]),
  ];
  for (const [method, path, statuses] of asked) {
    const r = await fetch(server.url + path, { method, redirect: "manual" });
    const what = `${method} ${path}`;
    expect(statuses, what).toContain(r.status);
    const api = path.startsWith("/console/api/");
    const wanted: Record<string, string | null> = {
      "content-security-policy": api ? answers : pages, "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin", "set-cookie": null, "access-control-allow-origin": null, "access-control-allow-credentials": null,
      ...(!api && { "cross-origin-opener-policy": "same-origin" }),
    };
    for (const [name, value] of Object.entries(wanted)) expect(r.headers.get(name), `${name} of ${what}`).toBe(value);
    if (api && method !== "HEAD" && !path.includes("/reference/")) expect(r.headers.get("cache-control"), what).toBe("no-store");
    expect(await r.text()).not.toMatch(/root:|goroutine|\.go:\d/);
  }
});

test("the door takes small, plain JSON of its own site alone", async ({ server }) => {
  const send = async (body: string, headers: Record<string, string> = {}, path = "signin") => {
    const r = await fetch(`${server.url}/console/api/${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
    return [r.status, ((await r.json()) as { code: string }).code];
  };
  const good = JSON.stringify({ type: "root", email: server.email, password: server.password });
  for (const kind of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "text/json", ""]) {
    expect(await send(good, { "content-type": kind }), kind).toEqual([415, "UnsupportedMediaType"]);
  }
  expect(await send(JSON.stringify({ type: "root", email: "x".repeat(70_000), password: "x" }))).toEqual([413, "RequestEntityTooLarge"]);
  for (const bad of [
    "", "{", "[]", "null", good + good, good.replace("}", ',"type":"user"}'), good.replace("}", ',"Type":"root"}'), good.replace("}", ',"__proto__":{"x":1}}'),
    good.replace("}", ',"passkey":' + "[".repeat(50_000) + "]".repeat(50) + "}"), '{"type":{"root":1},"email":"x","password":"x"}', '{"type":"root","email":"\\ud800","password":"x"}\u0000',
  ]) {
    expect(await send(bad), bad.slice(0, 80)).toEqual([400, "ValidationError"]);
  }
  const strangers: Record<string, string>[] = [{ origin: "http://evil.example" }, { origin: "null" }, { origin: server.url.replace("localhost", "127.0.0.1") }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }];
  for (const from of strangers) {
    for (const path of ["signin", "signup", "renew", "passkeys/begin"]) expect(await send(good, from, path), JSON.stringify(from) + path).toEqual([403, "CrossSiteRequest"]);
  }
  for (const path of ["renew", "root-password", "passkeys/begin", "passkeys/finish", "denials", "applications"]) {
    expect((await send("{}", {}, path))[0], path).toBe(403);
  }
});

test("another site can neither frame the console nor sign anybody in", async ({ server, browser }) => {
  const login = JSON.stringify({ type: "root", email: server.email, password: server.password });
  const site = await elsewhere(`<!doctype html><title>elsewhere</title>
    <iframe src="${server.url}/console/"></iframe><iframe name="sink"></iframe>
    ${["signin", "signup", "passkeys/begin"].map((p) => `<form id="${p}" target="sink" method="post" enctype="text/plain" action="${server.url}/console/api/${p}"><input name='${login.replace("}", ',"x":"')}' value='"}'></form>`).join("")}
    <script>
      const url = ${JSON.stringify(server.url)} + "/console/api/", body = ${JSON.stringify(login)};
      async function attack(path) {
        const seen = [];
        for (const [mode, kind] of [["no-cors", "text/plain"], ["cors", "text/plain"], ["cors", "application/json"]]) {
          try {
            const r = await fetch(url + path, { method: "POST", mode, headers: { "content-type": kind }, body, credentials: "include" });
            seen.push(mode + " " + kind + ": " + r.type + " " + (await r.text()));
          } catch { seen.push("refused"); }
        }
        seen.push(navigator.sendBeacon(url + path, new Blob([body], { type: "text/plain" })) ? "beacon" : "no beacon");
        return seen;
      }
    </script>`);
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const statuses: [string, number][] = [];
    page.on("response", (r) => r.request().method() === "POST" && statuses.push([new URL(r.url()).pathname, r.status()]));
    await page.goto(site.url);
    // The browser shows its own page of refusal in the place of the console's.
    await expect.poll(() => page.frames().map((f) => f.url())).toContainEqual(expect.stringContaining("chrome-error:"));
    expect(page.frames().filter((f) => f.url().includes("/console/"))).toEqual([]);
    for (const path of ["signin", "signup", "passkeys/begin"]) {
      // Without CORS the browser may send it, and nobody there can read the answer.
      expect(await page.evaluate((p) => (window as unknown as { attack: (p: string) => Promise<string[]> }).attack(p), path)).toEqual([expect.stringMatching(/^refused$|^no-cors text\/plain: opaque $/), "refused", "refused", "beacon"]);
      const answer = page.waitForResponse((r) => r.url().endsWith(path) && r.request().resourceType() === "document");
      await page.evaluate((p) => (document.getElementById(p) as HTMLFormElement).submit(), path);
      expect((await answer).status()).toBe(403);
    }
    expect(statuses.filter(([, status]) => status !== 403 && status !== 0)).toEqual([]);
    expect(await context.cookies()).toEqual([]);
  } finally {
    await context.close();
    await site.stop();
  }
});

test("a window that another site opens is none of its business", async ({ server, browser }) => {
  const site = await elsewhere("<!doctype html><title>elsewhere</title>");
  const context = await browser.newContext();
  try {
    const other = await context.newPage();
    await other.goto(site.url);
    const opened = context.waitForEvent("page");
    await other.evaluate((url) => void ((window as unknown as { w: Window | null }).w = window.open(url + "/console/")), server.url);
    await (await opened).waitForLoadState();
    await expect.poll(() => other.evaluate(() => (window as unknown as { w: Window }).w.closed)).toBe(true); // COOP cut the tie
    expect(await (await opened).evaluate(() => window.opener)).toBeNull();
  } finally {
    await context.close();
    await site.stop();
  }
});
