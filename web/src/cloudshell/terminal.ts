// A session's terminal: its shell, its files and what it shows. It outlives the
// page that shows it, and not the session; nothing of it is stored.
import type { OrganizationsClient } from "@aws-sdk/client-organizations";
import { clientOf, config, iam, organizations, region, sts, validatePolicy, type PolicyType } from "../aws";
import { currentSession, findSession } from "../session";
import { analyzer } from "./analyzer";
import type { Client, Service, Surroundings } from "./command";
import { commonStart, complete, inColumns } from "./completion";
import type { ServiceName } from "./facts";
import { Files } from "./files";
import { Shell } from "./shell";
import type { HelpTexts } from "./texts";

export const promptText = "[cloudshell-user@iamd ~]$ ";

/** A piece of what the terminal shows. */
export interface Piece {
  id: number;
  kind: "input" | "output" | "error";
  text: string;
}

const most = 2_000_000; // characters that are kept of what was shown
const mostLines = 1000; // of the history

const welcome = `This shell runs aws iam, sts and organizations commands as the person who is signed in.
Type help for what there is; aws iam create-user help tells of a command and its options.
Files and history are kept in this tab, until it is closed or reloaded, or you sign out.
`;

export class Terminal {
  readonly files = new Files();
  readonly history: string[] = [];
  private pieces: Piece[] = [{ id: 0, kind: "output", text: welcome }];
  private last = 0;
  private running?: AbortController;
  private output = "";
  private readonly listeners = new Set<() => void>();
  private readonly around: Surroundings;
  private shell: Shell;
  columns = 80;

  constructor() {
    this.around = {
      load,
      texts,
      files: this.files,
      width: () => this.columns,
      region,
      accessKeyId: () => currentSession()?.keys.accessKeyId ?? "",
      sleep,
    };
    this.shell = new Shell(this.around, this.history);
  }

  readonly subscribe = (tell: () => void): (() => void) => {
    this.listeners.add(tell);
    return () => this.listeners.delete(tell);
  };
  readonly shown = (): Piece[] => this.pieces;
  readonly busy = (): boolean => this.running !== undefined;

  /** What the last command printed. */
  lastOutput(): string {
    return this.output;
  }

  private changed(): void {
    this.listeners.forEach((tell) => tell());
  }

  show(kind: Piece["kind"], text: string): void {
    if (text === "") return;
    this.pieces = [...this.pieces, { id: ++this.last, kind, text }];
    let size = this.pieces.reduce((n, p) => n + p.text.length, 0);
    while (size > most && this.pieces.length > 1) size -= this.pieces.shift()!.text.length;
    this.changed();
  }

  clear(): void {
    this.pieces = [];
    this.changed();
  }

  isOpen(text: string): boolean {
    return this.shell.isOpen(text);
  }

  /** Runs what was typed, and shows it with what it prints. */
  async run(text: string): Promise<void> {
    this.show("input", promptText + text + "\n");
    if (text.trim() === "" || this.running) return;
    if (this.history.at(-1) !== text) this.history.push(text);
    this.history.splice(0, this.history.length - mostLines);
    const running = new AbortController();
    this.running = running;
    this.output = "";
    this.changed();
    try {
      await this.shell.run(
        text,
        ({ stdout, stderr, then }) => {
          if (then === "clear") return this.clear();
          this.output += stdout;
          this.show("output", stdout);
          this.show("error", stderr);
          if (then === "exit") {
            this.shell = new Shell(this.around, this.history);
            this.show("output", "A new shell has begun. Your files are still there.\n");
          }
        },
        running.signal,
      );
    } catch (e) {
      this.show("error", `-bash: ${(e as Error).message}\n`);
    } finally {
      this.running = undefined;
      this.changed();
    }
  }

  /** Ends what runs; else gives up the line that was being typed. */
  interrupt(line: string): void {
    if (!this.running) return this.show("input", promptText + line + "^C\n");
    this.show("input", "^C\n");
    this.running.abort();
  }

  /** Makes the word before the caret whole, as far as it can be; it shows the choices where there are several. */
  async complete(before: string): Promise<string> {
    const { from, candidates } = await complete(before, this.shell.commands, this.around);
    if (candidates.length === 0) return before;
    const whole = commonStart(candidates);
    if (candidates.length === 1) return before.slice(0, from) + whole + " ";
    if (whole.length > before.length - from) return before.slice(0, from) + whole;
    this.show("input", promptText + before + "\n");
    this.show("output", inColumns(candidates, this.columns));
    return before;
  }

  async upload(files: Iterable<File>): Promise<void> {
    for (const file of files) {
      const fault = this.files.write(file.name, new Uint8Array(await file.arrayBuffer()));
      if (fault) this.show("error", `${file.name}: ${fault}\n`);
      else this.show("output", `Uploaded ${file.name} (${file.size} bytes). Use it as file://${file.name}\n`);
    }
  }
}

/** The SDK's modules are loaded with the first command that needs them. */
async function load(name: ServiceName): Promise<Service> {
  switch (name) {
    case "iam":
      return { module: await import("@aws-sdk/client-iam"), client: iam() as unknown as Client };
    case "sts":
      return { module: await import("@aws-sdk/client-sts"), client: sts() as unknown as Client };
    case "organizations": {
      const client: OrganizationsClient = await organizations();
      return { module: await import("@aws-sdk/client-organizations"), client: client as unknown as Client };
    }
    case "cloudtrail": {
      const module = await import("./cloudtrail");
      return { module, client: clientOf(name, (id) => new module.CloudTrailClient(config(id))) as unknown as Client };
    }
    case "accessanalyzer":
      return analyzerService;
  }
}

/** The help's texts are loaded with the first help that needs them. */
async function texts(name: ServiceName): Promise<HelpTexts | undefined> {
  switch (name) {
    case "iam":
      return (await import("virtual:help-texts/iam")).default;
    case "sts":
      return (await import("virtual:help-texts/sts")).default;
    case "organizations":
      return (await import("virtual:help-texts/organizations")).default;
    case "cloudtrail":
      return (await import("virtual:help-texts/cloudtrail")).default;
    case "accessanalyzer":
      return undefined;
  }
}

const analyzerService = analyzer((document, type, resource) => validatePolicy(document, type as PolicyType, resource));

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      fail(new Error("aborted"));
    });
  });
}

const terminals = new Map<string, Terminal>();

/** The terminal of a session. Those of sessions that have ended are forgotten. */
export function terminalOf(session: string): Terminal {
  for (const id of terminals.keys()) if (!findSession(id)) terminals.delete(id);
  let terminal = terminals.get(session);
  if (!terminal) terminals.set(session, (terminal = new Terminal()));
  return terminal;
}
