// The shell's files: in this tab's memory, gone with it.

/** Where a person is, and all files are. */
export const home = "/home/cloudshell-user";

/** As much as all files may hold, in bytes. */
export const room = 8 << 20;

export class Files {
  private readonly files = new Map<string, Uint8Array>();

  /** A file's plain name, of any way to write its path; undefined when it is not in the home folder. */
  name(path: string): string | undefined {
    let name = path;
    if (name.startsWith("~/")) name = name.slice(2);
    else if (name.startsWith(home + "/")) name = name.slice(home.length + 1);
    else if (name.startsWith("/")) return undefined;
    const parts = name.split("/").filter((p) => p !== "" && p !== ".");
    return parts.length === 1 && parts[0] !== ".." ? parts[0] : undefined;
  }

  list(): string[] {
    return [...this.files.keys()].sort();
  }

  size(name: string): number {
    return this.files.get(name)?.length ?? 0;
  }

  read(path: string): Uint8Array | undefined {
    const name = this.name(path);
    return name === undefined ? undefined : this.files.get(name);
  }

  /** Keeps a file. It gives what is wrong when it may not. */
  write(path: string, content: Uint8Array): string | undefined {
    const name = this.name(path);
    if (name === undefined) return "This shell keeps files in its home folder only.";
    let used = content.length;
    for (const [other, bytes] of this.files) if (other !== name) used += bytes.length;
    if (used > room) return `No space left: this shell keeps ${room >> 20} MB of files.`;
    this.files.set(name, content);
    return undefined;
  }

  remove(path: string): boolean {
    const name = this.name(path);
    return name !== undefined && this.files.delete(name);
  }
}

/** A file's text; undefined when it is not one. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}

/** What a text of base64 holds; undefined when it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}
