// What tells two texts apart, by line.

export interface DiffLine {
  kind: "same" | "added" | "removed";
  text: string;
  before?: number; // line in the one, from 1
  after?: number; // line in the other
}

const most = 4_000_000; // cells of the table; beyond, the middle counts as replaced whole

/** The lines of both texts in order: a longest common subsequence stays, removed ones stand before added ones. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split("\n"), b = after.split("\n");
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const n = a.length - head - tail, m = b.length - head - tail;
  const width = m + 1;
  const fit = n * m <= most;
  // longest[i*width+j]: length for what follows line i of the one and j of the other.
  const longest = new Uint32Array(fit ? (n + 1) * width : 0);
  if (fit)
    for (let i = n - 1; i >= 0; i--)
      for (let j = m - 1; j >= 0; j--)
        longest[i * width + j] = a[head + i] === b[head + j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
  const lines: DiffLine[] = [];
  const same = (i: number, j: number) => lines.push({ kind: "same", text: a[i]!, before: i + 1, after: j + 1 });
  for (let i = 0; i < head; i++) same(i, i);
  let i = 0, j = 0;
  while (i < n || j < m) {
    if (fit && i < n && j < m && a[head + i] === b[head + j]) same(head + i++, head + j++);
    else if (i < n && (j === m || !fit || longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)) {
      lines.push({ kind: "removed", text: a[head + i]!, before: head + ++i });
    } else lines.push({ kind: "added", text: b[head + j]!, after: head + ++j });
  }
  for (let k = 0; k < tail; k++) same(a.length - tail + k, b.length - tail + k);
  return lines;
}

export interface DiffPair {
  left?: DiffLine;
  right?: DiffLine;
}

/** Lines side by side: removed ones beside those that were added in their place. */
export function sideBySide(lines: DiffLine[]): DiffPair[] {
  const pairs: DiffPair[] = [];
  let removed: DiffLine[] = [], added: DiffLine[] = [];
  const flush = () => {
    for (let k = 0; k < Math.max(removed.length, added.length); k++) pairs.push({ left: removed[k], right: added[k] });
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.kind === "removed") removed.push(line);
    else if (line.kind === "added") added.push(line);
    else {
      flush();
      pairs.push({ left: line, right: line });
    }
  }
  flush();
  return pairs;
}
