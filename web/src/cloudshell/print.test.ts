import { describe, expect, it } from "vitest";
import type { Value } from "./answer";
import { print, type Format } from "./print";

// What awscli 2 printed of the same values.
const users: Value = {
  Users: [
    { Path: "/", UserName: "Bob", Arn: "arn:aws:iam::111122223333:user/Bob", Tags: [{ Key: "k", Value: "v" }] },
    { Path: "/", UserName: "日本", Arn: "a", PasswordLastUsed: null },
  ],
  IsTruncated: false,
};
const look = (value: Value, format: Format, width = 80) => print(value, format, "ListUsers", width);

describe("print", () => {
  it("prints a table, nested things set in", () => {
    expect(look(users, "table")).toBe(`--------------------------------------------------------------
|                          ListUsers                         |
+-------------------------------------+----------------------+
|  IsTruncated                        |  False               |
+-------------------------------------+----------------------+
||                           Users                          ||
|+-------------------+--------------------------------------+|
||  Arn              |  arn:aws:iam::111122223333:user/Bob  ||
||  PasswordLastUsed |                                      ||
||  Path             |  /                                   ||
||  UserName         |  Bob                                 ||
|+-------------------+--------------------------------------+|
|||                          Tags                          |||
||+-----------------------------------+--------------------+||
|||  Key                              |  k                 |||
|||  Value                            |  v                 |||
||+-----------------------------------+--------------------+||
||                           Users                          ||
|+-----------------------------------------+----------------+|
||  Arn                                    |  a             ||
||  PasswordLastUsed                       |  None          ||
||  Path                                   |  /             ||
||  UserName                               |  日本          ||
|+-----------------------------------------+----------------+|
`);
  });
  it("prints text, scalars in the order of their names", () => {
    expect(look(users, "text")).toBe("False\nUSERS\tarn:aws:iam::111122223333:user/Bob\t\t/\tBob\nTAGS\tk\tv\nUSERS\ta\tNone\t/\t日本\n");
  });
  it("prints JSON", () => {
    expect(look({ A: [], B: {}, C: "é\u0001" }, "json")).toBe('{\n    "A": [],\n    "B": {},\n    "C": "é\\u0001"\n}\n');
    expect(look({}, "json")).toBe("");
    expect(look(null, "json")).toBe("null\n");
  });
  it("prints YAML", () => {
    expect(look({ B: ["2012-10-17", "*", "a b", "111122223333", "😀"], A: { x: null, y: true }, C: [] }, "yaml")).toBe(
      "A:\n  x: null\n  y: true\nB:\n- '2012-10-17'\n- '*'\n- a b\n- '111122223333'\n- \"\\U0001F600\"\nC: []\n",
    );
    expect(look({ A: 1 }, "yaml-stream")).toBe("- A: 1\n");
  });
  it.each<Format>(["json", "text", "table", "yaml", "yaml-stream", "off"])("prints nothing of nothing as %s", (format) => {
    expect(look({}, format)).toBe("");
  });
});

describe("names that every object has", () => {
  it.each<Format>(["table", "text", "yaml", "json"])("are nothing of their own as %s", (format) => {
    expect(look([{ constructor: "a" }, { x: "b" }], format)).not.toContain("function");
  });
});
