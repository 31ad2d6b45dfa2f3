// Reads the AWS CLI's shorthand syntax: Key=a,Value=b, lists in brackets, maps in
// braces, values in quotes.

/** What shorthand gives: texts, lists and maps of them. */
export type Shorthand = string | Shorthand[] | { [key: string]: Shorthand };

/** A text that is no shorthand; the message shows the place, as the CLI does. */
export class ShorthandError extends Error {}

const firstValue = /(?:\\,|[^\s"',=[{])(?:\\,|[^"',\]}])*/y;
const secondValue = /(?:\\,|[^\s"',=[{])(?:\\,|[^"',=])*/y;
const singleQuoted = /'(?:\\'|[^'])*'/y;
const doubleQuoted = /"(?:\\"|[^"])*"/y;
const keyText = /[A-Za-z0-9\-_.#/:]*/y;
const space = /\s*/y;
const deepest = 64;

/** Reads one parameter. `file` gives what file:// names, after @=. It throws a ShorthandError. */
export function readShorthand(text: string, file: (value: string) => string): Record<string, Shorthand> {
  let at = 0;
  let depth = 0;
  let fromFile = false;

  const match = (re: RegExp): string | undefined => {
    re.lastIndex = at;
    const m = re.exec(text);
    if (!m) return undefined;
    at += m[0].length;
    return m[0];
  };
  const fail = (expected: string, received: string): never => {
    throw new ShorthandError(`Expected: '${expected}', received: '${received}' for input:\n${pointed(text, at)}`);
  };
  const expect = (c: string, spaced = true) => {
    if (spaced) match(space);
    if (text[at] !== c) fail(c, text[at] ?? "EOF");
    at++;
    if (spaced) match(space);
  };
  const given = (value: string) => (fromFile ? file(value) : value);
  const quoted = (re: RegExp, name: string, mark: string): string => {
    const whole = match(re);
    if (whole === undefined) return fail(`<${name}>`, "<none>");
    return given(whole.slice(1, -1).replaceAll("\\" + mark, mark).replaceAll("\\\\", "\\"));
  };
  const unescaped = (value: string) => given(value.replaceAll("\\,", ",").trimEnd());
  const inQuotes = (): string | undefined => {
    if (text[at] === "'") return quoted(singleQuoted, "singled quoted", "'");
    if (text[at] === '"') return quoted(doubleQuoted, "double quoted", '"');
    return undefined;
  };
  const first = (): string => inQuotes() ?? unescaped(match(firstValue) ?? "");
  const second = (): string => inQuotes() ?? unescaped(match(secondValue) ?? fail("<second>", "<none>"));

  const key = (): string => {
    const name = match(keyText)!;
    match(space);
    fromFile = text[at] === "@";
    if (fromFile) at++;
    expect("=");
    return name;
  };
  const nested = <T>(read: () => T): T => {
    if (++depth > deepest) fail("<less nesting>", text[at] ?? "EOF");
    const value = read();
    depth--;
    return value;
  };
  const list = (): Shorthand[] => {
    const values: Shorthand[] = [];
    for (expect("["); text[at] !== "]"; ) {
      values.push(nested(inner));
      match(space);
      if (text[at] !== "]") expect(",", false);
      match(space);
    }
    at++;
    return values;
  };
  const map = (): Record<string, Shorthand> => {
    const values: Record<string, Shorthand> = Object.create(null);
    for (expect("{"); text[at] !== "}"; ) {
      const name = key();
      values[name] = nested(inner);
      match(space);
      if (text[at] !== "}") expect(",", false);
      match(space);
    }
    at++;
    return values;
  };
  const inner = (): Shorthand => (text[at] === "[" ? list() : text[at] === "{" ? map() : first());

  /** A value, or values with commas between: what stands before the next key. */
  const commas = (): Shorthand => {
    const one = first();
    match(space);
    if (text[at] !== ",") return one;
    at++;
    match(space);
    const values = [one];
    for (;;) {
      const before = at;
      try {
        const value = second();
        match(space);
        const more = at < text.length;
        if (more) expect(",");
        values.push(value);
        if (!more) break;
      } catch (e) {
        if (!(e instanceof ShorthandError) || at >= text.length) throw e;
        at = text.lastIndexOf(",", Math.max(before - 1, 0)); // what came was the next key
        break;
      }
    }
    return values.length === 1 ? one : values;
  };
  const value = (): Shorthand => {
    if (at >= text.length) return "";
    return text[at] === "[" ? list() : text[at] === "{" ? map() : commas();
  };

  const all: Record<string, Shorthand> = Object.create(null);
  let last = 0;
  for (;;) {
    const name = key();
    const read = value();
    if (name in all) {
      at = last + 1;
      throw new ShorthandError(
        `Second instance of key "${name}" encountered for input:\n${pointed(text, at)}\nThis is often because there is a preceding "," instead of a space.`,
      );
    }
    all[name] = read;
    last = at;
    if (at >= text.length) return all;
    expect(",");
  }
}

/** The text with a mark below the place, in its line. */
function pointed(text: string, at: number): string {
  const begin = text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", at);
  const [seen, rest] = end < 0 ? [text, ""] : [text.slice(0, end), text.slice(end)];
  return `${seen}\n${" ".repeat(at - begin)}^${rest}`;
}
