// The options of an operation: its members', and those that the CLI adds.
import { aliases } from "./facts";
import type { Operation, Shape } from "./model";

export interface Option {
  name: string; // without dashes
  takes: "value" | "values" | "switch" | "perhaps";
  required: boolean;
  /** What stands for the value where it may be left out and is. */
  alone?: string;
  choices?: string[];
  number?: boolean;
  /** The member of the input that it gives. */
  member?: string;
  shape?: Shape;
  /** The CLI knows it and does not tell. */
  hidden?: boolean;
  alias?: string;
  about?: string;
}

const pagingOptions = {
  token: "A token to specify where to start: the NextToken of an answer that was cut short by --max-items.",
  size: "The size of each page to get in a call. It does not change how many items are shown.",
  items: "How many items to show in all. If there are more, the answer has a NextToken for --starting-token.",
};

/** What create-virtual-mfa-device wants beside its members: it writes the seed to a file. */
export const bootstrapMethods = ["QRCodePNG", "Base32StringSeed"];

/** The options of an operation, in the order in which its help has them. */
export function optionTable(operation: Operation): Option[] {
  const paging = operation.paging;
  const table: Option[] = [];
  for (const [name, member] of operation.options) {
    const shape = operation.input.members.get(member)!;
    const takes = shape.kind === "boolean" ? "switch" : shape.kind === "list" ? "values" : "value";
    const hidden = paging && (member === paging.token || member === paging.limit);
    if (hidden && name === "max-items") continue; // the CLI's own takes its name
    table.push({ name, takes, member, shape, required: operation.input.required.has(member), hidden, alias: aliases[`${operation.name}.${member}`] });
  }
  const add = (option: Partial<Option> & { name: string }) => table.push({ takes: "value", required: false, ...option });
  const writes = operation.name === "CreateVirtualMFADevice";
  if (!writes) {
    add({ name: "cli-input-json", about: "Reads the input from a text of JSON, as --generate-cli-skeleton gives it. Other options go before it." });
  }
  if (paging) {
    add({ name: "starting-token", about: pagingOptions.token });
    if (paging.limit) add({ name: "page-size", number: true, about: pagingOptions.size });
    add({ name: "max-items", number: true, about: pagingOptions.items });
  }
  if (writes) {
    add({ name: "outfile", required: true, about: "The file of this shell to which the seed is written." });
    add({ name: "bootstrap-method", required: true, choices: bootstrapMethods, about: "What to write: a picture to scan, or the text of the seed." });
  } else {
    add({
      name: "generate-cli-skeleton", takes: "perhaps", alone: "input", choices: ["input", "output"],
      about: "Prints a JSON of all members, empty, and calls nothing: of the input, or of the output.",
    });
  }
  return table;
}
