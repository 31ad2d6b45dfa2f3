/** A path with a question behind it; what has no value is left out. */
export function asking(path: string, question: Record<string, string | undefined>): string {
  const q = new URLSearchParams(Object.entries(question).filter((e): e is [string, string] => !!e[1]));
  return q.size > 0 ? `${path}?${q}` : path;
}
