// The credential report: AWS's .csv of users and their credentials.
import { GenerateCredentialReportCommand, GetCredentialReportCommand } from "@aws-sdk/client-iam";
import { iam } from "../aws";
import { describe } from "../shared/errors";
import { days } from "../shared/time";
import { pause } from "./pause";

export type Row = Record<string, string>;

export interface CredentialReport {
  text: string;
  made: Date;
  columns: string[];
  rows: Row[];
}

/** How long a report is good; until then no new one is made. */
export const life = 4 * 3600_000; // ms

/** The report that is there; undefined when there is none that is still good. */
export async function currentReport(): Promise<CredentialReport | undefined> {
  try {
    return await fetchReport();
  } catch (e) {
    if (/ReportNotPresent|ReportExpired/.test(describe(e).code)) return undefined;
    throw e;
  }
}

/** The report that is still good, or else a new one. */
export async function makeReport(): Promise<CredentialReport> {
  while ((await iam().send(new GenerateCredentialReportCommand({}))).State !== "COMPLETE") await pause();
  return fetchReport();
}

async function fetchReport(): Promise<CredentialReport> {
  const { Content, GeneratedTime } = await iam().send(new GetCredentialReportCommand({}));
  const text = new TextDecoder().decode(Content);
  const [columns = [], ...lines] = readCSV(text);
  return { text, made: GeneratedTime!, columns, rows: lines.map((line) => Object.fromEntries(columns.map((c, n) => [c, line[n] ?? ""]))) };
}

/** Reads lines of values; a value in quotes may hold commas, quotes and line ends. */
export function readCSV(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  const value = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (value.lastIndex < text.length) {
    const m = value.exec(text);
    if (!m) throw new Error("The report is not the .csv that it should be.");
    line.push(m[1] !== undefined ? m[1].replaceAll('""', '"') : m[2]!);
    if (m[3] === ",") {
      if (value.lastIndex === text.length) line.push("");
      else continue;
    }
    lines.push(line);
    line = [];
  }
  if (line.length > 0) lines.push(line);
  return lines;
}

/** The name that AWS's console gives the file, with what a file's name may hold. */
export function fileName(made: Date): string {
  return `status_reports_${made.toISOString().slice(0, 19).replaceAll(":", "-")}+00-00.csv`;
}

export const rootRow = "<root_account>";

const numbers = ["1", "2"];

/** What one looks for in a report. */
export const looks = {
  all: "All users",
  "no-mfa": "No MFA",
  "old-keys": "Access keys older than 90 days",
  "unused-keys": "Access keys never used",
  "password-unused": "Password never used",
} as const;
export type Look = keyof typeof looks;

const old = 90; // days

/** Tells whether a row is one that is looked for. */
export function isFound(look: Look, row: Row, now = Date.now()): boolean {
  const keys = numbers.filter((n) => row[`access_key_${n}_active`] === "true");
  const password = row["password_enabled"] === "true";
  switch (look) {
    case "all":
      return true;
    case "no-mfa": // who can sign in, or has keys
      return row["mfa_active"] === "false" && (password || keys.length > 0 || row["user"] === rootRow);
    case "old-keys":
      return keys.some((n) => (days(row[`access_key_${n}_last_rotated`], now) ?? 0) > old);
    case "unused-keys":
      return keys.some((n) => row[`access_key_${n}_last_used_date`] === "N/A");
    case "password-unused":
      return password && /^(no_information|N\/A)$/.test(row["password_last_used"] ?? "");
  }
}
