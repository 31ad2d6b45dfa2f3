import { describe, expect, it } from "vitest";
import { LineError, partsOf, readLine } from "./words";

const variables: Record<string, string> = { NAME: "Bob", "?": "0" };
const read = (text: string) => readLine(text, (n) => variables[n] ?? "", "/home/cloudshell-user");
const words = (text: string) => read(text).map((c) => c.words);

describe("words", () => {
  it.each([
    ["aws iam get-user", [["aws", "iam", "get-user"]]],
    [`echo 'a b' "c d" e\\ f`, [["echo", "a b", "c d", "e f"]]],
    [`a '{"Key": "x"}' b`, [["a", '{"Key": "x"}', "b"]]],
    [`a "\\"q\\" \\$NAME \\x"`, [["a", '"q" $NAME \\x']]],
    ["a $NAME ${NAME}s 'no $NAME' \"$NAME\" $", [["a", "Bob", "Bobs", "no $NAME", "Bob", "$"]]],
    ["aws iam \\\n  get-user", [["aws", "iam", "get-user"]]],
    ["a; b\nc && d # e", [["a"], ["b"], ["c"], ["d"]]],
    ["a ''", [["a", ""]]],
    ["a#b", [["a#b"]]],
    ["cat ~/x ~", [["cat", "/home/cloudshell-user/x", "/home/cloudshell-user"]]],
    ["\n  # only words of mine\n", []],
  ])("reads %j", (text, want) => expect(words(text)).toEqual(want));

  it("tells which words set variables, and what depends on what went before", () => {
    expect(read(`A=1 B="x y" c D=2 && e`)).toEqual([
      { words: ["A=1", "B=x y", "c", "D=2"], assigns: 2, onlyIfWell: false },
      { words: ["e"], assigns: 0, onlyIfWell: true },
    ]);
    expect(read(`"A=1" b`)[0]!.assigns).toBe(0);
  });

  it.each(["a | b", "a > b", "a < b", "a & b", "a $(b)", 'a "$(b)"', "a `b`", "(a)", "; a", "&& a"])("refuses %s with words", (text) => {
    expect(() => read(text)).toThrow(/^-bash: /);
  });

  it.each(["a 'b", 'a "b', "a \\", "a &&", "cat > f <<'EOF'\nx\n", "cat <<EOF > f"])("wants more after %j", (text) => {
    const parse = () => partsOf(text).forEach((p) => typeof p === "string" && read(p));
    expect(parse).toThrow(LineError);
    try {
      parse();
    } catch (e) {
      expect((e as LineError).open).toBe(true);
    }
  });

  it("reads documents between commands", () => {
    expect(partsOf("cat > p.json <<'EOF'\n{\n  \"a\": \"$NAME\"\n}\nEOF\naws iam list-users\ncat <<-END >> q\n\tx\n\tEND\nls")).toEqual([
      { name: "p.json", append: false, text: '{\n  "a": "$NAME"\n}\n', rest: expect.any(String), expands: false },
      "aws iam list-users",
      { name: "q", append: true, text: "x\n", rest: "ls", expands: true },
      "ls",
    ]);
  });
});
