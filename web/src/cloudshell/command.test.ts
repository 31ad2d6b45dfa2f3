import * as iam from "@aws-sdk/client-iam";
import * as organizations from "@aws-sdk/client-organizations";
import * as sts from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { analyzer } from "./analyzer";
import * as cloudtrail from "./cloudtrail";
import { runAws, type Surroundings } from "./command";
import { complete } from "./completion";
import { bytesOf, Files, textOf } from "./files";
import type { Module } from "./model";
import { Shell, type Outcome } from "./shell";

type Input = Record<string, unknown>;
type Reply = (operation: string, input: Input) => unknown;

const refusal = (name: string, code: string, message: string, status: number) =>
  Object.assign(new Error(message), { name, Code: code, $metadata: { httpStatusCode: status } });
const absent = refusal("NoSuchEntityException", "NoSuchEntity", "The user with name Bob cannot be found.", 404);

/** A console whose server is a function. */
function consoleOf(reply: Reply = () => ({})) {
  const asked: [string, Input][] = [];
  const files = new Files();
  let slept = 0;
  const modules: Record<string, Module> = { cloudtrail, iam, organizations, sts };
  const around: Surroundings = {
    files,
    width: () => 80,
    region: "us-east-1",
    accessKeyId: () => "ASIAIOSFODNN7EXAMPLE",
    async sleep(ms) {
      slept += ms;
    },
    async load(name) {
      if (name === "accessanalyzer") return analyzer(async (document, type) => [{ locations: [], findingType: "ERROR", findingDetails: type, issueCode: document }]);
      const send = async (command: unknown) => {
        const { constructor, input } = command as { constructor: { name: string }; input: Input };
        const operation = constructor.name.replace(/Command$/, "");
        asked.push([operation, { ...input }]); // the next page is asked for by the same object
        const answer = reply(operation, input);
        if (answer instanceof Error) throw answer;
        return answer;
      };
      return { module: modules[name]!, client: { send } };
    },
  };
  const run = (line: string, signal?: AbortSignal) => runAws(line.split(" "), around, signal);
  return { asked, files, around, run, slept: () => slept };
}

const pageOf = (input: Input) => {
  const names = ["a", "b", "c", "d", "e"];
  const from = Number(input["Marker"] ?? 0);
  const to = from + Number(input["MaxItems"] ?? 2);
  return { Users: names.slice(from, to).map((UserName) => ({ UserName })), IsTruncated: to < names.length, ...(to < names.length && { Marker: String(to) }) };
};
const names = (stdout: string) => (JSON.parse(stdout) as { Users: { UserName: string }[] }).Users.map((u) => u.UserName).join("");

describe("aws", () => {
  it("prints an answer: documents as JSON, points in time as version 2 does", async () => {
    const c = consoleOf(() => ({ Role: { RoleName: "r", Path: "/", CreateDate: new Date(0), AssumeRolePolicyDocument: "%7B%22Version%22%3A%222012-10-17%22%7D" } }));
    expect(await c.run("iam get-role --role-name r")).toEqual({
      stdout: `{
    "Role": {
        "Path": "/",
        "RoleName": "r",
        "CreateDate": "1970-01-01T00:00:00+00:00",
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17"
        }
    }
}
`,
      stderr: "",
      code: 0,
    });
    expect(c.asked).toEqual([["GetRole", { RoleName: "r" }]]);
    expect((await c.run("iam get-role --role-name r --query Role.[RoleName,Path] --output text")).stdout).toBe("r\t/\n");
    expect((await c.run("iam get-role --role-name=r --query=Role.Nope")).stdout).toBe("null\n");
  });

  it("says a refusal by its code", async () => {
    expect(await consoleOf(() => absent).run("iam get-user --user-name Bob")).toEqual({
      stdout: "",
      stderr: "\nAn error occurred (NoSuchEntity) when calling the GetUser operation: The user with name Bob cannot be found.\n",
      code: 254,
    });
  });

  const usage = "\nusage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\nTo see help text, you can run:\n\n  aws help\n  aws <command> help\n  aws <command> <subcommand> help\n\n";
  it.each([
    ["iam get-user-policy --user-name Bob", usage + "aws: error: the following arguments are required: --policy-name\n\n", 252],
    ["iam get-user --nope", usage + "Unknown options: --nope\n\n", 252],
    ["sts get-caller-identity extra words --nope", usage + "Unknown options: words, --nope, extra\n\n", 252],
    ["iam list-users extra", usage + "Unknown options: extra\n\n", 252],
    ["iam get-user --user-name", usage + "aws: error: argument --user-name: expected one argument\n\n", 252],
    ["iam get-user --user-name --user-name x", usage + "aws: error: argument --user-name: expected one argument\n\n", 252],
    ["iam list-users --max-items x", usage + "aws: error: argument --max-items: invalid int value: 'x'\n\n", 252],
    ["iam", usage + "aws: error: the following arguments are required: operation\n\n", 252],
    ["iam wait", "\nusage: aws [options] iam wait <subcommand> [parameters]\naws: error: too few arguments\n", 252],
    ["iam create-user --user-name x --tags Key=a,Nope=b", '\nParameter validation failed:\nMissing required parameter in Tags[0]: "Value"\nUnknown parameter in Tags[0]: "Nope", must be one of: Key, Value\n', 252],
    ["iam update-role --role-name x --max-session-duration abc", "\ninvalid literal for int() with base 10: 'abc'\n", 255],
    ["organizations list-roots --cli-input-json {", "\nError parsing parameter 'cli-input-json': Invalid JSON received.\n", 252],
    ["iam get-user --cli-input-json {\"constructor\":1}", "\nParameter validation failed:\nUnknown parameter in input: \"constructor\", must be one of: UserName\n", 252],
    ["iam get-user --profile x", "\nThe config profile (x) could not be found\n", 255],
    ["organizations list-accounts --max-items 3 --no-paginate", "\nCannot specify --no-paginate along with pagination arguments: --max-items\n", 252],
    ["iam create-role --generate-cli-skeleton output", usage + "aws: error: the following arguments are required: --role-name, --assume-role-policy-document\n\n", 252],
  ])("aws %s is refused as the CLI refuses it", async (line, stderr, code) => {
    const c = consoleOf();
    expect(await c.run(line)).toEqual({ stdout: "", stderr, code });
    expect(c.asked).toEqual([]);
  });

  it("tells of names that are near", async () => {
    expect((await consoleOf().run("iam get-usr")).stderr).toContain("Invalid choice: 'get-usr', maybe you meant:\n\n  * get-user\n");
  });

  it.each(["--endpoint-url http://evil.example", "--debug", "--no-sign-request"])("refuses %s in words", async (option) => {
    const c = consoleOf();
    expect((await c.run("iam list-users " + option)).stderr).toContain("This shell");
    expect(c.asked).toEqual([]);
  });

  it("reads switches, options cut short, and an input from a file", async () => {
    const c = consoleOf();
    c.files.write("in.json", bytesOf('{"UserName":"a","Password":"p","PasswordResetRequired":true}'));
    await c.run("iam update-account-password-policy --require-symbols --no-require-numbers --minimum-password-length 8");
    await c.run("iam get-user --user b");
    await c.run("iam create-login-profile --cli-input-json file://in.json --user-name c");
    await c.run("iam enable-mfa-device --user-name b --serial-number s --authentication-code1 111111 --authentication-code-2 222222");
    expect(c.asked.map(([, input]) => input)).toEqual([
      { RequireSymbols: true, RequireNumbers: false, MinimumPasswordLength: 8 },
      { UserName: "b" },
      { UserName: "c", Password: "p", PasswordResetRequired: true },
      { UserName: "b", SerialNumber: "s", AuthenticationCode1: "111111", AuthenticationCode2: "222222" },
    ]);
  });

  it("puts pages together, and stops amid them", async () => {
    const c = consoleOf((_, input) => pageOf(input));
    expect(names((await c.run("iam list-users")).stdout)).toBe("abcde");
    expect(JSON.parse((await c.run("iam list-users --no-paginate")).stdout)).toEqual({ Users: [{ UserName: "a" }, { UserName: "b" }], IsTruncated: true, Marker: "2" });
    expect(names((await c.run("iam list-users --no-paginate --max-items 3")).stdout)).toBe("abc");
    expect(names((await c.run("iam list-users --marker 3 --max-items 1")).stdout)).toBe("d");
    let all = "";
    let token = "";
    do {
      const { stdout } = await c.run(`iam list-users --max-items 3 --page-size 2${token && " --starting-token " + token}`);
      all += names(stdout);
      token = (JSON.parse(stdout) as { NextToken?: string }).NextToken ?? "";
    } while (token);
    expect(all).toBe("abcde");
    const one = JSON.parse((await c.run("iam list-users --max-items 1")).stdout) as { NextToken: string };
    expect(atob(one.NextToken)).toBe('{"Marker": null, "boto_truncate_amount": 1}');
    expect((await c.run("iam list-users --output text --query Users[].UserName")).stdout).toBe("a\tb\nc\td\ne\n");
  });

  it("waits as long as it is to", async () => {
    let left = 3;
    const c = consoleOf(() => (left-- > 0 ? absent : {}));
    expect(await c.run("iam wait user-exists --user-name Bob")).toEqual({ stdout: "", stderr: "", code: 0 });
    expect(c.slept()).toBe(3000);
    expect(await consoleOf(() => absent).run("iam wait user-exists --user-name Bob")).toMatchObject({ stderr: "\nWaiter UserExists failed: Max attempts exceeded\n", code: 255 });
    const denied = refusal("AccessDenied", "AccessDenied", "no", 403);
    expect(await consoleOf(() => denied).run("iam wait role-exists --role-name r")).toMatchObject({ stderr: "\nWaiter RoleExists failed: An error occurred (AccessDenied): no\n", code: 255 });
  });

  it("writes a device's seed to a file, and shows it not", async () => {
    const c = consoleOf(() => ({ VirtualMFADevice: { SerialNumber: "s", Base32StringSeed: bytesOf("SEED"), QRCodePNG: bytesOf("png") } }));
    const { stdout } = await c.run("iam create-virtual-mfa-device --virtual-mfa-device-name x --outfile seed --bootstrap-method Base32StringSeed");
    expect(JSON.parse(stdout)).toEqual({ VirtualMFADevice: { SerialNumber: "s" } });
    expect(textOf(c.files.read("seed")!)).toBe("SEED");
  });

  it("makes skeletons, in the model's order", async () => {
    const { stdout } = await consoleOf().run("iam create-user --generate-cli-skeleton");
    expect(stdout).toBe(JSON.stringify({ Path: "", UserName: "", PermissionsBoundary: "", Tags: [{ Key: "", Value: "" }] }, null, 4) + "\n");
  });

  it("looks up events by attributes and times, page by page", async () => {
    const event = (EventId: string) => ({ EventId, ReadOnly: "false", EventTime: new Date(0), Resources: [], CloudTrailEvent: '{"eventVersion":"1.11"}' });
    const c = consoleOf((_, input) => ({ Events: [event(String(input["NextToken"] ?? "a"))], ...(!input["NextToken"] && { NextToken: "b" }) }));
    const shown = JSON.stringify({ EventId: "a", ReadOnly: "false", EventTime: "1970-01-01T00:00:00+00:00", Resources: [], CloudTrailEvent: '{"eventVersion":"1.11"}' });
    const { stdout } = await c.run("cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateUser --start-time 2026-11-23 --end-time 1795392000");
    expect(JSON.stringify(JSON.parse(stdout))).toBe(`{"Events":[${shown},${shown.replace('"a"', '"b"')}]}`);
    const asked = { LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: "CreateUser" }], StartTime: new Date("2026-11-23"), EndTime: new Date(1795392000e3) };
    expect(c.asked).toEqual([["LookupEvents", asked], ["LookupEvents", { ...asked, NextToken: "b" }]]);
    expect((await c.run("cloudtrail create-trail --name x")).code).toBe(252);
  });

  it("validates policies", async () => {
    const { stdout } = await consoleOf().run("accessanalyzer validate-policy --policy-document {} --policy-type IDENTITY_POLICY");
    expect(stdout).toBe(JSON.stringify({ findings: [{ findingDetails: "IDENTITY_POLICY", findingType: "ERROR", issueCode: "{}", locations: [] }] }, null, 4) + "\n");
  });

  it.each(["help", "iam help", "iam create-user help", "iam wait help", "iam wait user-exists help", "organizations describe-handshake help", "cloudtrail help", "cloudtrail lookup-events help", "configure list", "--version"])("answers aws %s", async (line) => {
    const { stdout, code } = await consoleOf().run(line);
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(20);
  });

  it("says how parameters are written", async () => {
    const { stdout } = await consoleOf().run("iam create-user help");
    expect(stdout).toContain("--user-name <value>\n");
    expect(stdout).toContain("[--tags <value>]");
    expect(stdout).toContain("Key=string,Value=string ...");
  });

  it.each([
    ["help", "index"],
    ["iam help", "iam/index"],
    ["iam get-user-policy help", "iam/get-user-policy"],
    ["iam wait help", "iam/wait/index"],
    ["cloudtrail lookup-events help", "cloudtrail/lookup-events"],
    ["iam wait user-exists help", "iam/wait/user-exists"],
  ])("aws %s ends with the address of a page of AWS", async (line, page) => {
    const { stdout } = await consoleOf().run(line);
    expect(stdout).toMatch(new RegExp(`SEE ALSO\\n +https://docs\\.aws\\.amazon\\.com/cli/latest/reference/${page}\\.html\\n\\n$`));
  });

  it("ends when it is told to", async () => {
    const stop = new AbortController();
    const c = consoleOf(() => {
      stop.abort();
      return new Error("aborted");
    });
    expect((await c.run("iam list-users", stop.signal)).code).toBe(130);
  });
});

describe("shell", () => {
  const type = async (text: string, c = consoleOf()) => {
    const shell = new Shell(c.around, ["earlier"]);
    const outcomes: Outcome[] = [];
    await shell.run(text, (o) => outcomes.push(o));
    return outcomes.map((o) => o.stdout + o.stderr).join("");
  };
  it.each([
    ["echo a 'b  c'", "a b  c\n"],
    ["pwd; whoami", "/home/cloudshell-user\ncloudshell-user\n"],
    ["cat > f <<'EOF'\nx $HOME\nEOF\ncat f; ls", "x $HOME\nf\n"],
    ["cat > f <<EOF\nx $HOME \\$HOME\nEOF\ncat f; rm f; cat f", "x /home/cloudshell-user $HOME\ncat: f: No such file or directory\n"],
    ["A=1; echo $A $?", "1 0\n"],
    ["false && echo a; echo $?", "1\n"],
    ["history", "    1  earlier\n"],
    ["jq .", "-bash: jq: command not found. Type help for what there is.\n"],
    ["constructor", "-bash: constructor: command not found. Type help for what there is.\n"],
    ["aws iam list-users | head", "-bash: |: This shell has no pipes. Use --query to choose from what a command prints.\n"],
    ["export AWS_ACCESS_KEY_ID=x", "-bash: AWS_ACCESS_KEY_ID: This shell always acts as the person who is signed in. Switch role to act as another.\n"],
    ["cat > ../f <<E\nE", "-bash: ../f: This shell keeps files in its home folder only.\n"],
  ])("%j", async (text, want) => expect(await type(text)).toBe(want));

  it("gives aws its files and variables", async () => {
    const c = consoleOf((_, input) => ({ User: { UserName: input["UserName"] } }));
    expect(await type("cat > n <<'E'\nBob\nE\nAWS_DEFAULT_OUTPUT=text\naws iam get-user --user-name file://n", c)).toBe("USER\tBob\n\n");
  });

  it("knows a line that is not whole", () => {
    const shell = new Shell(consoleOf().around);
    expect(["aws '", "aws \\", "cat > f <<'EOF'\n{"].map((t) => shell.isOpen(t))).toEqual([true, true, true]);
    expect(["aws", "a | b", "cat > f <<'EOF'\nEOF"].map((t) => shell.isOpen(t))).toEqual([false, false, false]);
  });

  it.each([
    ["", ["aws", "cat", "ls"]],
    ["aws i", ["iam"]],
    ["aws iam get-user-p", ["get-user-policy"]],
    ["aws iam wait user", ["user-exists"]],
    ["aws iam create-user --user-name x --p", ["--path", "--permissions-boundary", "--profile"]],
    ["aws iam create-policy --policy-document file://p", ["file://policy.json"]],
    ["aws --output t", ["text", "table"]],
    ["aws --output text sts get-caller", ["get-caller-identity"]],
    ["cat p", ["policy.json"]],
  ])("completes %j", async (text, want) => {
    const { around, files } = consoleOf();
    files.write("policy.json", bytesOf("{}"));
    const { candidates } = await complete(text, ["cat", "ls"], around);
    expect(candidates).toEqual(want);
  });
});
