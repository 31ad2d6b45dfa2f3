// A real iamd with an empty store, for the tests of one worker.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Server {
  url: string; // http://localhost:PORT
  account: string;
  email: string;
  password: string;
  keys: { accessKeyId: string; secretAccessKey: string };
  folder: string;
  log: () => string;
  stop: () => Promise<void>;
}

async function freePort(): Promise<number> {
  const s = createServer().listen(0, "127.0.0.1");
  await once(s, "listening");
  const { port } = s.address() as AddressInfo;
  s.close();
  await once(s, "close");
  return port;
}

export interface Options {
  /** YAML of a configuration file, if any. */
  config?: string;
}

/** Starts bin/iamd, or the program that IAMD names. */
export async function start(options: Options = {}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "iamd-console-"));
  const port = await freePort();
  const account = "111122223333";
  const email = "root@example.com";
  const password = "Correct-Horse-7-Battery";
  const keys = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
  const args = ["serve", "--data-dir", join(folder, "data"), "--listen", `127.0.0.1:${port}`];
  if (options.config) {
    const { writeFile } = await import("node:fs/promises");
    await writeFile(join(folder, "iamd.yaml"), options.config);
    args.push("--config", join(folder, "iamd.yaml"));
  }
  const program = spawn(process.env.IAMD ?? join(import.meta.dirname, "../../bin/iamd"), args, {
    env: {
      PATH: process.env.PATH, HOME: folder,
      IAMD_ACCOUNT_ID: account, IAMD_ROOT_EMAIL: email, IAMD_ROOT_PASSWORD: password,
      IAMD_ROOT_ACCESS_KEY_ID: keys.accessKeyId, IAMD_ROOT_SECRET_ACCESS_KEY: keys.secretAccessKey,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  program.stdout.on("data", (d) => (log += d));
  program.stderr.on("data", (d) => (log += d));
  const ended = once(program, "exit");
  const stop = async () => {
    program.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const direct = `http://localhost:${port}`;
  for (let i = 0; ; i++) {
    try {
      if ((await fetch(`${direct}/readyz`)).ok) break;
    } catch {
      // Not listening yet.
    }
    if (program.exitCode !== null || i > 200) {
      await stop();
      throw new Error("iamd did not start:\n" + log);
    }
    await new Promise((r) => setTimeout(r, 50));
  }
  return { url: direct, account, email, password, keys, folder, log: () => log, stop };
}
