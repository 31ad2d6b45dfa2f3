/** What is wrong with the name of a role, or nothing. */
export function nameFault(name: string): string | undefined {
  if (name === "") return "Enter a role name.";
  if (name.length > 64) return "A role name has at most 64 characters.";
  return /^[\w+=,.@-]+$/.test(name) ? undefined : "Use letters, digits, and the characters + = , . @ - _";
}

/** What is wrong with a role's description, or nothing. */
export function descriptionFault(text: string): string | undefined {
  if (text.length > 1000) return "A description has at most 1,000 characters.";
  return /^[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*$/.test(text) ? undefined : "Use the characters of Latin alphabets, digits, and punctuation.";
}
