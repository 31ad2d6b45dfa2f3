// Reads a command line as a shell does: words, quotes, variables, and what comes
// one after the other. What this shell cannot do it refuses in words.

/** A command of a line, and whether it runs only if the one before it went well. */
export interface Command {
  words: string[];
  /** How many of the words' beginnings name a variable: NAME=value. */
  assigns: number;
  onlyIfWell: boolean;
}

/** What is wrong with a line; `open` when more lines could make it whole. */
export class LineError extends Error {
  constructor(
    message: string,
    readonly open = false,
  ) {
    super(message);
  }
}

const refusals: Record<string, string> = {
  "|": "This shell has no pipes. Use --query to choose from what a command prints.",
  ">": "This shell writes no files from output. Use Actions, Download output; cat > NAME <<'EOF' makes a file.",
  "<": "This shell has no redirection. Use file://NAME for a parameter's value.",
  "&": "This shell runs one command at a time, in the foreground.",
  "(": "This shell has no subshells.",
  ")": "This shell has no subshells.",
  "`": "This shell does not put a command's output into another. Copy it instead.",
  "$(": "This shell does not put a command's output into another. Copy it instead.",
};

function refuse(operator: string): never {
  throw new LineError(`-bash: ${operator}: ${refusals[operator]}`);
}

/** Parts a text into commands. It throws a LineError. */
export function readLine(text: string, variable: (name: string) => string, home: string): Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  let assigns = 0;
  let onlyIfWell = false;
  let word: string | undefined;
  let plain = true; // the word so far has neither quotes nor variables
  let named = false; // an unquoted = stands in the word
  let i = 0;

  const endWord = () => {
    if (word === undefined) return;
    if (assigns === words.length && /^[A-Za-z_]\w*=/.test(word) && named) assigns++;
    words.push(word);
    word = undefined;
    plain = true;
    named = false;
  };
  const endCommand = (next: boolean) => {
    endWord();
    if (words.length > 0) commands.push({ words, assigns, onlyIfWell });
    else if (next) throw new LineError("-bash: syntax error near unexpected token `&&'");
    words = [];
    assigns = 0;
    onlyIfWell = next;
  };
  /** Reads $NAME, ${NAME}; i stands at the dollar. */
  const expand = (): string => {
    if (text[i + 1] === "(") refuse("$(");
    const m = /^\$(?:([A-Za-z_]\w*|\?)|\{([A-Za-z_]\w*|\?)\})/.exec(text.slice(i, i + 200));
    if (!m) {
      if (text[i + 1] === "{") throw new LineError("-bash: ${: This shell knows $NAME and ${NAME}.");
      i++;
      return "$";
    }
    i += m[0].length;
    return variable(m[1] ?? m[2]!);
  };

  while (i < text.length) {
    const c = text[i]!;
    if (c === "'") {
      const end = text.indexOf("'", i + 1);
      if (end < 0) throw new LineError("-bash: unexpected EOF while looking for matching `''", true);
      word = (word ?? "") + text.slice(i + 1, end);
      plain = false;
      i = end + 1;
    } else if (c === '"') {
      word ??= "";
      plain = false;
      for (i++; text[i] !== '"'; ) {
        if (i >= text.length) throw new LineError('-bash: unexpected EOF while looking for matching `"\'', true);
        if (text[i] === "\\" && i + 1 < text.length && '"\\$`\n'.includes(text[i + 1]!)) {
          if (text[i + 1] !== "\n") word += text[i + 1];
          i += 2;
        } else if (text[i] === "$") word += expand();
        else if (text[i] === "`") refuse("`");
        else word += text[i++];
      }
      i++;
    } else if (c === "\\") {
      if (i + 1 >= text.length) throw new LineError("-bash: unexpected end of line after \\", true);
      if (text[i + 1] !== "\n") word = (word ?? "") + text[i + 1];
      if (text[i + 1] !== "\n") plain = false;
      i += 2;
    } else if (c === "\n" || c === ";") {
      if (c === ";" && words.length === 0 && word === undefined) throw new LineError("-bash: syntax error near unexpected token `;'");
      endCommand(false);
      i++;
    } else if (c === " " || c === "\t" || c === "\r") {
      endWord();
      i++;
    } else if (c === "#" && word === undefined) {
      const end = text.indexOf("\n", i);
      i = end < 0 ? text.length : end;
    } else if (c === "&" && text[i + 1] === "&") {
      endCommand(true);
      i += 2;
    } else if ("|&<>()`".includes(c)) {
      refuse(c);
    } else if (c === "$") {
      plain = false;
      word = (word ?? "") + expand();
    } else if (c === "~" && word === undefined && /^(?:\/|\s|$)/.test(text.slice(i + 1, i + 2))) {
      word = home;
      i++;
    } else {
      if (c === "=" && plain && word !== undefined) named = true;
      word = (word ?? "") + c;
      i++;
    }
  }
  endWord();
  if (words.length > 0) endCommand(false);
  else if (onlyIfWell) throw new LineError("-bash: unexpected end of line after &&", true);
  return commands;
}

/** A file that is written in the line itself: cat > NAME <<'EOF'. */
export interface Document {
  name: string;
  append: boolean;
  text: string;
  /** What stands after the document. */
  rest: string;
  /** Whether variables are put in, as the word after << was not quoted. */
  expands: boolean;
}

/** A line that begins a document, amid a text. */
const laterOpening = /\n(?=[ \t]*cat[ \t]+(?:>>?[^\n]*<<|<<[^\n]*>))/;

/** Parts a text into documents and the lines between them. It throws a LineError. */
export function partsOf(text: string): (Document | string)[] {
  const parts: (Document | string)[] = [];
  for (let rest = text; rest.trim() !== ""; ) {
    const document = readDocument(rest);
    if (document) {
      parts.push(document);
      rest = document.rest;
      continue;
    }
    const at = rest.search(laterOpening);
    parts.push(at < 0 ? rest : rest.slice(0, at));
    rest = at < 0 ? "" : rest.slice(at + 1);
  }
  return parts;
}

const opening = /^[ \t]*cat[ \t]+(?:(>>?)[ \t]*([^\s<>|&;'"]+)[ \t]+<<(-?)[ \t]*(['"]?)([\w.-]+)\4|<<(-?)[ \t]*(['"]?)([\w.-]+)\7[ \t]*(>>?)[ \t]*([^\s<>|&;'"]+))[ \t\r]*(\n|$)/;

/** Reads a document that the text begins with; undefined when it begins with none. It throws a LineError. */
function readDocument(text: string): Document | undefined {
  const m = opening.exec(text);
  if (!m) return undefined;
  const first = m[1] !== undefined;
  const mark = (first ? m[5] : m[8])!;
  const tabs = (first ? m[3] : m[6]) === "-";
  const lines = text.slice(m[0].length).split("\n");
  const body: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = tabs ? lines[i]!.replace(/^\t+/, "") : lines[i]!;
    if (line.replace(/\r$/, "") === mark) {
      return {
        name: (first ? m[2] : m[10])!,
        append: (first ? m[1] : m[9]) === ">>",
        text: body.map((l) => l + "\n").join(""),
        rest: lines.slice(i + 1).join("\n"),
        expands: (first ? m[4] : m[7]) === "",
      };
    }
    body.push(line);
  }
  throw new LineError(`-bash: here-document delimited by end-of-file (wanted \`${mark}')`, true);
}
