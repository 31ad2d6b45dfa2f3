// A shell of a few commands, aws among them: it reads what was typed, runs one
// command after the other, and keeps files and variables while its page is open.
import { runAws, type Result, type Surroundings } from "./command";
import { bytesOf, home, textOf } from "./files";
import { LineError, partsOf, readLine, type Command } from "./words";

export interface Outcome extends Result {
  /** What the terminal is to do. */
  then?: "clear" | "exit";
}

type Builtin = (args: string[]) => Outcome;

const helpText = `This shell runs the AWS CLI's commands as the person who is signed in:

  aws iam | sts | organizations | accessanalyzer | cloudtrail ...
  aws help, aws iam help, aws iam create-user help

The help of a command ends with the address of AWS's page about it.

It has no programs but these. Its files and its history are kept in this tab, until
it is closed or reloaded, or you sign out:

  cat FILE        shows a file; cat > FILE <<'EOF' makes one, up to a line EOF
  ls, rm FILE     lists files, removes one; Actions, Upload file brings one in
  echo, history, clear, pwd, whoami, exit, help

A parameter's value can be a file's: --policy-document file://policy.json
Tab completes, the arrow keys bring back earlier commands, Ctrl+C ends a command.
`;

const good = (stdout = ""): Outcome => ({ stdout, stderr: "", code: 0 });
const bad = (stderr: string, code = 1): Outcome => ({ stdout: "", stderr: stderr + "\n", code });

export class Shell {
  private readonly variables = new Map<string, string>([["HOME", home], ["PWD", home], ["USER", "cloudshell-user"]]);
  private last = 0;

  constructor(
    private readonly around: Surroundings,
    /** What was typed before, oldest first. */
    readonly history: string[] = [],
  ) {
    this.variables.set("AWS_REGION", around.region).set("AWS_DEFAULT_REGION", around.region);
    this.around = { ...around, variable: (name) => this.variables.get(name) ?? "" };
  }

  private readonly value = (name: string): string => (name === "?" ? String(this.last) : (this.variables.get(name) ?? ""));

  /** Whether a text wants more lines before it can run: an open quote, a document without its end. */
  isOpen(text: string): boolean {
    try {
      for (const part of partsOf(text)) if (typeof part === "string") readLine(part, this.value, home);
      return false;
    } catch (e) {
      return e instanceof LineError && e.open;
    }
  }

  /** Runs what was typed. It never throws; `show` gets each command's output as it comes. */
  async run(text: string, show: (outcome: Outcome) => void, signal?: AbortSignal): Promise<void> {
    const say = (outcome: Outcome) => {
      this.last = outcome.code;
      show(outcome);
    };
    try {
      for (const part of partsOf(text)) {
        if (typeof part !== "string") {
          say(this.write(part.name, part.append, part.expands ? this.filled(part.text) : part.text));
          continue;
        }
        // The whole is read first, for its faults; each command again when its turn comes, for its variables.
        const count = readLine(part, this.value, home).length;
        for (let i = 0; i < count && !signal?.aborted; i++) {
          const command = readLine(part, this.value, home)[i]!;
          if (!command.onlyIfWell || this.last === 0) say(await this.execute(command, signal));
        }
      }
    } catch (e) {
      if (!(e instanceof LineError)) throw e;
      say(bad(e.message, 2));
    }
  }

  private filled(text: string): string {
    return text.replace(/\\(\$)|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g, (_, dollar?: string, a?: string, b?: string) => dollar ?? this.value((a ?? b)!));
  }

  private write(name: string, append: boolean, text: string): Outcome {
    const before = append ? textOf(this.around.files.read(name) ?? new Uint8Array()) : "";
    const fault = this.around.files.write(name, bytesOf((before ?? "") + text));
    return fault ? bad(`-bash: ${name}: ${fault}`) : good();
  }

  private async execute({ words, assigns }: Command, signal?: AbortSignal): Promise<Outcome> {
    const set = words.slice(0, assigns);
    const [name, ...args] = words.slice(assigns);
    if (name === undefined) return this.assign(set);
    if (set.length > 0) return bad("-bash: This shell sets variables by NAME=value on a line of its own.");
    if (name === "aws") return runAws(args, this.around, signal);
    const builtin = Object.hasOwn(this.builtins, name) ? this.builtins[name] : undefined;
    return builtin ? builtin(args) : bad(`-bash: ${name}: command not found. Type help for what there is.`, 127);
  }

  private assign(pairs: string[]): Outcome {
    for (const pair of pairs) {
      const at = pair.indexOf("=");
      const name = at < 0 ? pair : pair.slice(0, at);
      if (/^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE|DEFAULT_PROFILE)$/.test(name)) {
        return bad(`-bash: ${name}: This shell always acts as the person who is signed in. Switch role to act as another.`);
      }
      if (!/^[A-Za-z_]\w*$/.test(name)) return bad(`-bash: ${pair}: not a valid identifier`);
      if (at >= 0) this.variables.set(name, pair.slice(at + 1));
    }
    return good();
  }

  private readonly builtins: Record<string, Builtin> = {
    help: () => good(helpText),
    clear: () => ({ ...good(), then: "clear" }),
    exit: () => ({ ...good("exit\n"), then: "exit" }),
    logout: () => ({ ...good("logout\n"), then: "exit" }),
    pwd: () => good(home + "\n"),
    whoami: () => good("cloudshell-user\n"),
    true: () => good(),
    false: () => ({ ...good(), code: 1 }),
    export: (args) => this.assign(args),
    echo: (args) => good(args[0] === "-n" ? args.slice(1).join(" ") : args.join(" ") + "\n"),
    history: () => good(this.history.map((line, i) => `${String(i + 1).padStart(5)}  ${line}\n`).join("")),
    ls: (args) => {
      const files = this.around.files;
      const long = args.some((a) => /^-\w*l/.test(a));
      const asked = args.filter((a) => !a.startsWith("-") && a !== home && a !== ".");
      const missing = asked.filter((a) => files.read(a) === undefined);
      if (missing.length > 0) return bad(missing.map((m) => `ls: cannot access '${m}': No such file or directory`).join("\n"), 2);
      const names = asked.length > 0 ? asked : files.list();
      return good(names.map((n) => (long ? `-rw------- 1 cloudshell-user ${String(files.size(files.name(n)!)).padStart(8)} ${n}\n` : n + "\n")).join(""));
    },
    cat: (args) => {
      const out: Outcome = good();
      if (args.length === 0) return bad("cat: give a file's name, or make a file: cat > NAME <<'EOF'");
      for (const name of args) {
        const bytes = this.around.files.read(name);
        const text = bytes && textOf(bytes);
        if (text !== undefined) out.stdout += text;
        else {
          out.stderr += `cat: ${name}: ${bytes ? "This is not a text. Use Actions, Download file." : "No such file or directory"}\n`;
          out.code = 1;
        }
      }
      return out;
    },
    rm: (args) => {
      const names = args.filter((a) => !a.startsWith("-"));
      const missing = names.filter((n) => !this.around.files.remove(n));
      if (names.length === 0) return bad("rm: missing operand");
      return missing.length === 0 || args.includes("-f") ? good() : bad(missing.map((m) => `rm: cannot remove '${m}': No such file or directory`).join("\n"));
    },
  };

  /** The names of the commands beside aws. */
  get commands(): string[] {
    return Object.keys(this.builtins);
  }
}
