// What operations and parameters are for, for the shell's help: taken at build time
// from the declarations of the AWS SDK, whose comments hold AWS's own texts.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import type { HelpTexts } from "./src/cloudshell/texts";

const prefix = "virtual:help-texts/";

/** Gives the module virtual:help-texts/iam, and those of the other services. */
export function helpTexts(): Plugin {
  return {
    name: "help-texts",
    resolveId: (id) => (id.startsWith(prefix) ? "\0" + id : null),
    load(id) {
      if (!id.startsWith("\0" + prefix)) return null;
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(textsOf(id.slice(prefix.length + 1))))});`;
    },
  };
}

export function textsOf(service: string): HelpTexts {
  const types = join(import.meta.dirname, "node_modules/@aws-sdk", "client-" + service, "dist-types");
  const operations: HelpTexts["operations"] = {};
  for (const file of readdirSync(join(types, "commands"))) {
    const name = /^(\w+)Command\.d\.ts$/.exec(file)?.[1];
    if (!name) continue;
    const source = readFileSync(join(types, "commands", file), "utf8");
    const at = source.indexOf(`export declare class ${name}Command `);
    const comment = source.slice(0, at).match(/\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*$/)?.[0];
    if (comment) operations[name] = plain(comment);
  }
  const members: HelpTexts["members"] = {};
  for (const file of readdirSync(join(types, "models")).filter((f) => /^models_\d+\.d\.ts$/.test(f))) {
    const source = readFileSync(join(types, "models", file), "utf8");
    for (const [, name, body] of source.matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)) {
      const of: Record<string, string> = {};
      for (const [, comment, member] of body!.matchAll(/(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\s*(\w+)\??:/g)) of[member!] = plain(comment!);
      if (Object.keys(of).length > 0) members[name!] = of;
    }
  }
  return { operations, members };
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** The text of a comment, without its tags: paragraphs apart, items with a star. */
function plain(comment: string): string {
  const text = comment.replace(/^\/\*\*|\*\/\s*$/g, "").replace(/^\s*\* ?/gm, "");
  const until = text.search(/^\s*@(public|example|deprecated|see|throws|internal)/m);
  return (until < 0 ? text : text.slice(0, until))
    .replace(/\s+/g, " ")
    .replace(/<li>\s*(<p>)?/g, "\n\n* ")
    .replace(/<(note|important)>/g, (_, kind: string) => `\n\n${kind === "note" ? "NOTE" : "WARNING"}:`)
    .replace(/<\/?(p|ul|ol|dl|dt|dd|br|h\d|note|important)\s*\/?>/g, "\n\n")
    .replace(/<[^>]+>/g, "")
    .replace(/\\([{}])/g, "$1")
    .replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)
    .replace(/[ \t]*\n[ \t]*/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
