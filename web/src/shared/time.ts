// Times as the person's own browser has them, with the zone, since the server's
// are UTC.

const full = new Intl.DateTimeFormat(undefined, {
  year: "numeric", month: "long", day: "2-digit", hour: "2-digit", minute: "2-digit", timeZoneName: "shortOffset", hourCycle: "h23",
});

/** "November 23, 2026 at 07:22 GMT+1"; "-" for none. */
export function showTime(at: Date | string | undefined): string {
  if (at === undefined) return "-";
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "-" : full.format(date);
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86400], ["month", 30 * 86400], ["day", 86400], ["hour", 3600], ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** "3 days ago", "yesterday", "now"; none for what never was. */
export function ago(at: Date | string | undefined, none = "-", now = Date.now()): string {
  if (at === undefined) return none;
  const seconds = (new Date(at).getTime() - now) / 1000;
  if (Number.isNaN(seconds)) return none;
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return "now";
}

/** Whole days since, for ages of keys and passwords. */
export function days(at: Date | string | undefined, now = Date.now()): number | undefined {
  return at === undefined ? undefined : Math.max(0, Math.floor((now - new Date(at).getTime()) / 86_400_000));
}
