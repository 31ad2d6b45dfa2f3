import * as iam from "@aws-sdk/client-iam";
import { expect, test } from "vitest";
import { textsOf } from "../../help-texts";
import { helpOfOperation } from "./help";
import { readModel } from "./model";

const model = readModel(iam);
const help = (command: string, texts?: ReturnType<typeof textsOf>) => helpOfOperation("iam", model.get(command)!, texts);

test("help tells what an operation and its parameters are for, in AWS's words", () => {
  const text = help("get-user-policy", textsOf("iam"));
  expect(text).toContain("Retrieves the specified inline policy document that is embedded");
  expect(text).toMatch(/--user-name \(string\) \[required\]\n\n\s+The name of the user who the policy is associated with\./);
  expect(text).toMatch(/PolicyDocument -> \(string\)\n\n\s+The policy document\./);
  expect(text).not.toMatch(/<(?!value>)\/?\w+>|@public|\{@link/);
  expect(help("list-users", textsOf("iam"))).toContain("list-users is a paginated operation.");
});

test("help without texts has the options all the same", () => {
  expect(help("get-user-policy")).toContain("Calls GetUserPolicy.");
});

test("there are texts of every operation and of nearly every parameter", async () => {
  for (const [name, module] of [["cloudtrail", await import("./cloudtrail")], ["iam", iam], ["sts", await import("@aws-sdk/client-sts")], ["organizations", await import("@aws-sdk/client-organizations")]] as const) {
    const texts = textsOf(name);
    for (const operation of readModel(module).values()) {
      expect(texts.operations[operation.name], operation.name).toBeTruthy();
      for (const member of operation.input.members.keys()) expect(texts.members[operation.input.name]?.[member], `${operation.name}.${member}`).toBeTruthy();
    }
  }
});
