/** What is wrong with the name of a user or group, or nothing. */
export function nameFault(name: string, what: "user" | "group"): string | undefined {
  const most = what === "user" ? 64 : 128;
  if (name === "") return `Enter a ${what} name.`;
  if (name.length > most) return `The ${what} name can have up to ${most} characters.`;
  if (!/^[\w+=,.@-]+$/.test(name)) return `The ${what} name can have letters, digits, and + = , . @ _ - only.`;
  return undefined;
}

/** The rule, as it stands below the field. */
export function nameRule(what: "user" | "group"): string {
  return `The ${what} name can have up to ${what === "user" ? 64 : 128} characters. Valid characters: A-Z, a-z, 0-9, and + = , . @ _ - (hyphen)`;
}
