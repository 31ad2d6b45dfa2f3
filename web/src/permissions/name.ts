/** What is wrong with a policy's name, or nothing. */
export function faultOfName(name: string): string | undefined {
  if (name === "") return "Enter a policy name.";
  if (name.length > 128) return "Use at most 128 characters.";
  return /^[\w+=,.@-]+$/.test(name) ? undefined : "Use alphanumeric and '+=,.@-_' characters.";
}
