/**
 * JSON with one meaning only (RFC 8259 section 4: what comes of names that are not unique is
 * anybody's guess). A proxy in front and an auditor behind must read what we read.
 */

/** Deeper than any body of the API. */
const DEPTH_MAX = 32;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text; undefined unless the bytes are UTF-8 and the JSON in them has one meaning. */
export function strictText(bytes: Uint8Array | ArrayBuffer): string | undefined {
  try {
    const text = strictUtf8.decode(bytes);
    return hasOneMeaning(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether no object in the text names a field twice and nothing is nested too deep. That it is JSON
 * at all is for the parser to say: of other texts the answer means nothing.
 */
export function hasOneMeaning(text: string): boolean {
  // Of each open bracket: the names of an object so far, or undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  let wantsName = false;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case "{":
      case "[":
        wantsName = text[at] === "{";
        open.push(wantsName ? new Set() : undefined);
        if (open.length > DEPTH_MAX) return false;
        break;
      case "}":
      case "]":
        open.pop();
        wantsName = false;
        break;
      case ",":
        wantsName = open.at(-1) !== undefined;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (wantsName && !isNew(open.at(-1), text.slice(at, end + 1))) return false;
        wantsName = false;
        at = end;
        break;
      }
    }
  }
  return true;
}

/** Where the closing quote of the string that opens here is; the end of the text without one. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** Notes the name, as it is spelled in quotes. False when the object has it already. */
function isNew(names: Set<string> | undefined, quoted: string): boolean {
  const name = quoted.includes("\\") ? unescaped(quoted) : quoted.slice(1, -1);
  if (names === undefined || names.has(name)) return false;
  names.add(name);
  return true;
}

function unescaped(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    // The parser will say so.
    return quoted;
  }
}
