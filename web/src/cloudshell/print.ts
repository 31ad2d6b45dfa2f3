// Prints an answer in the formats of the CLI's --output.
import type { Value } from "./answer";
import { python } from "./python";
import { table } from "./table";
import { text } from "./text";
import { yaml } from "./yaml";

export const formats = ["json", "text", "table", "yaml", "yaml-stream", "off"] as const;
export type Format = (typeof formats)[number];

/** What a value looks like; empty when there is nothing to show. `title` heads a table. */
export function print(value: Value, format: Format, title: string, width: number): string {
  switch (format) {
    case "json":
      return isNothing(value) ? "" : JSON.stringify(value, null, 4) + "\n";
    case "text":
      return text(value);
    case "table":
      return table(value, title, width);
    case "yaml":
      return isNothing(value) ? "" : yaml(value);
    case "yaml-stream":
      return isNothing(value) ? "" : yaml([value]);
    case "off":
      return "";
  }
}

function isNothing(value: Value): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

/** A value in a table's cell or a line of text. */
export function cell(value: Value): string {
  return typeof value === "string" ? value : python(value);
}

/** In the order of the characters' numbers, as Python sorts. */
export function sorted(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => {
    const x = [...a];
    const y = [...b];
    const i = x.findIndex((c, k) => c !== y[k]);
    if (i < 0) return x.length - y.length;
    return i >= y.length ? 1 : x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
  });
}
