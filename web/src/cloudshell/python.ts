// Values as Python writes them: the CLI is a Python program, and lets it show.

/** A value as Python writes it, as the CLI's messages and tables have it. */
export function python(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") {
    const mark = value.includes("'") && !value.includes('"') ? '"' : "'";
    return mark + value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t").replaceAll(mark, "\\" + mark) + mark;
  }
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([k, v]) => `${python(k)}: ${python(v)}`).join(", ")}}`;
  return String(value);
}

/** The name of a value's type in Python, as its messages have it. */
export function pythonType(value: unknown): string {
  const name =
    value === null ? "NoneType"
    : typeof value === "string" ? "str"
    : typeof value === "boolean" ? "bool"
    : typeof value === "number" ? (Number.isInteger(value) ? "int" : "float")
    : Array.isArray(value) ? "list"
    : "dict";
  return `<class '${name}'>`;
}
