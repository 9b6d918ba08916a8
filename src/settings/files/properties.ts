/** Java's properties files, as Spring Boot (3.5.16) reads them: `#---` begins a new document. */

/** The keys and texts of each document, in their order. */
export function readProperties(text: string): [key: string, text: string][][] {
  const documents: [string, string][][] = [[]];
  const lines = latin1(text).split(/\r\n|\r|\n/);
  let comment = "";
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const [, mark] = /^[ \t\f]*([#!])/.exec(line) ?? [];
    const document = documents.at(-1) ?? [];
    if (mark === undefined) {
      const [whole, more] = logicalLine(lines, i);
      i += more;
      comment = "";
      document.push(...entryOf(whole));
    } else if (/^[#!]---[ \t\f]*$/.test(line) && comment !== mark) {
      if (document.length > 0) documents.push([]);
    } else {
      // A comment right behind the line makes it a comment as well.
      if (document.length === 0 && documents.length > 1) documents.pop();
      comment = mark;
    }
  }
  return documents;
}

/** The bytes as Java takes them. Other letters are written `\u4e2d`; as they are they turn to others. */
function latin1(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

/** A line with those that go on with it, and how many these are. */
function logicalLine(lines: readonly string[], first: number): [string, number] {
  const parts: string[] = [];
  for (let i = first;; i++) {
    const part = (lines[i] ?? "").replace(/^[ \t\f]+/, "");
    const [slashes = ""] = /\\*$/.exec(part) ?? [];
    const goesOn = slashes.length % 2 === 1 && i + 1 < lines.length;
    parts.push(goesOn ? part.slice(0, -1) : part);
    if (!goesOn) return [parts.join(""), i - first];
  }
}

function entryOf(line: string): [string, string][] {
  const [, key = "", text = ""] =
    /^((?:\\[^]|[^\\=: \t\f])*)(?:[ \t\f]*[=:])?[ \t\f]*([^]*)$/.exec(line) ?? [];
  return key === "" ? [] : [[unescaped(key), unescaped(text)]];
}

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", r: "\r", n: "\n", f: "\f" };

function unescaped(text: string): string {
  return text.replaceAll(
    /\\(?:u([\da-fA-F]{4})|([^]))/g,
    (_, code?: string, char = "") =>
      code === undefined ? ESCAPES[char] ?? char : String.fromCharCode(parseInt(code, 16)),
  );
}
