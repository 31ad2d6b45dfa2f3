// What may be entered about an application, and how it is said that it may not be.

const longest = 128; // characters of a name

export function isClientId(text: string): boolean {
  return /^amzn1\.application-oa2-client\.[0-9a-f]{32}$/.test(text);
}

export function nameFault(name: string): string | undefined {
  if (name.trim() === "") return "Enter a name.";
  if ([...name].length > longest) return `Enter ${longest} characters at most.`;
  if (name.trim() !== name) return "A name has no space at its ends.";
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(name) ? "A name has characters that can be seen, and no line breaks." : undefined;
}

/** Whether it is the account's, the server tells too: it knows who there is. */
export function signerFault(arn: string, account: string): string | undefined {
  if (arn === "") return "Choose a role or user, or enter an ARN.";
  const m = /^arn:[^:]*:iam::(\d{12}):(?:role|user)\/.+$/.exec(arn);
  if (!m) return `An ARN of a role or user is like arn:aws:iam::${account}:role/NAME.`;
  return m[1] === account ? undefined : `The role or user must be of this account, ${account}.`;
}

/** None is asked for: the server makes one up. */
export function partnerFault(id: string): string | undefined {
  return id === "" || /^[A-Z0-9]{10,20}$/.test(id) ? undefined : "Enter 10 to 20 capital letters and digits, such as A2EXAMPLE12345.";
}

const members: Record<string, string> = { name: "The name", iam_arn: "The IAM ARN", selling_partner_id: "The selling partner ID" };

/** What the server says of a member of a request, said of the field that it was
 * entered in. */
export function inWords(message: string): string {
  const [member = ""] = message.split(" ", 1);
  return Object.hasOwn(members, member) ? members[member] + message.slice(member.length) : message;
}
