// Patterns with "*" and "?", as actions and resources have them. The empty
// pattern fits the empty text only.

/** Tells whether a text fits a pattern; letters must be the same. */
export function fits(pattern: string, text: string): boolean {
  let p = 0, t = 0, star = -1, mark = 0;
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** Tells whether there is a text that fits both patterns. */
export function overlap(a: string, b: string): boolean {
  // Most pairs differ before the first wildcard.
  for (let i = 0; i < a.length && i < b.length && !isWild(a[i]!) && !isWild(b[i]!); i++) if (a[i] !== b[i]) return false;
  // reach[j]: the beginning of a up to i and that of b up to j have a text in common.
  let reach = new Array<boolean>(b.length + 1).fill(false);
  reach[0] = true;
  for (let j = 1; j <= b.length && b[j - 1] === "*"; j++) reach[j] = true;
  for (let i = 1; i <= a.length; i++) {
    const x = a[i - 1]!;
    const next = new Array<boolean>(b.length + 1).fill(false);
    next[0] = x === "*" && reach[0]!;
    for (let j = 1; j <= b.length; j++) {
      const y = b[j - 1]!;
      if (x === "*") next[j] = reach[j]! || next[j - 1]!;
      else if (y === "*") next[j] = reach[j]! || next[j - 1]!;
      else next[j] = reach[j - 1]! && (x === y || x === "?" || y === "?");
      if (x === "*" && y === "*") next[j] = next[j] || reach[j - 1]!;
    }
    reach = next;
  }
  return reach[b.length]!;
}

/** Tells whether an action fits a pattern, both with the service's prefix, in whatever case. */
export function fitsAction(pattern: string, action: string): boolean {
  return fits(pattern.toLowerCase(), action.toLowerCase());
}

function isWild(sign: string): boolean {
  return sign === "*" || sign === "?";
}

export function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}
