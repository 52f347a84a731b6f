/** Looking for a secret in every spelling that could leak it: plain, base64, hex, URL, JSON. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Texts that would give the secret away. The secret has at least four letters. */
export function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, "utf8");
  const hex = bytes.toString("hex");
  const url = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  const all = [
    secret,
    hex,
    hex.toUpperCase(),
    url,
    url.toUpperCase(),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    ...base64At(bytes),
  ];
  return [...new Set(all)];
}

/** Base64 as it looks inside a longer text, without the letters that its neighbours touch. */
function base64At(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor((padded.length * 8) / 6);
    const text = padded.toString("base64").slice(from, to);
    return [text, text.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** The spellings of `secret` that stand in `text`, to be compared with none. */
export function leaks(text: string | Uint8Array, secret: string): readonly string[] {
  const where = typeof text === "string" ? Buffer.from(text, "utf8") : Buffer.from(text);
  return spellings(secret).filter((spelling) => where.includes(spelling));
}

/** Digits that stand alone: six of them inside a longer number are chance. */
export function standsAlone(text: string, digits: string): boolean {
  return new RegExp(`(?<![0-9A-Za-z_-])${digits}(?![0-9A-Za-z_-])`).test(text);
}

/** Every file, in every folder below. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
