/** What is wrong with an account alias, or nothing. */
export function aliasFault(alias: string): string | undefined {
  if (alias.length < 3 || alias.length > 63) return "Use 3 to 63 characters.";
  if (!/^[a-z0-9-]+$/.test(alias)) return "Use lower-case letters, digits and hyphens.";
  if (/^-|-$|--/.test(alias)) return "An alias can't begin or end with a hyphen, or have two in a row.";
  return /^\d{12}$/.test(alias) ? "An alias can't be 12 digits: it would look like an account ID." : undefined;
}
