const hour = 3600;
const least = hour; // seconds
const most = 12 * hour;

/** "1 hour", "1 hour 30 minutes", "3700 seconds". */
export function showDuration(seconds = hour): string {
  if (seconds % 60 !== 0) return `${seconds} seconds`;
  const hours = Math.floor(seconds / hour);
  const minutes = (seconds % hour) / 60;
  const part = (n: number, unit: string) => (n === 0 ? [] : [`${n} ${unit}${n === 1 ? "" : "s"}`]);
  return [...part(hours, "hour"), ...part(minutes, "minute")].join(" ");
}

/** What the list of durations offers beside one's own. */
export const usualDurations = [1, 2, 4, 8, 12].map((h) => h * hour);

export function durationFault(text: string): string | undefined {
  const n = Number(text);
  return /^\d+$/.test(text.trim()) && n >= least && n <= most ? undefined : "Enter 3,600 (1 hour) to 43,200 (12 hours) seconds.";
}
