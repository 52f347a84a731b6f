/**
 * The two artefacts of the module, as bytes. They are kept as base64 in text files, because that is
 * the one form that a run from source, the single binary and a browser bundle all take in without
 * reading a file or the network; wasm/manifest.json holds the SHA-256 of the bytes.
 */
import portable from "./core-portable.wasm.txt" with { type: "text" };
import wide from "./core-wide.wasm.txt" with { type: "text" };

export const ARTEFACTS = { wide: () => decode(wide), portable: () => decode(portable) } as const;

function decode(base64: string): Uint8Array<ArrayBuffer> {
  // The only decoder of base64 that every browser has; it skips line ends.
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  // Letter by letter: `Uint8Array.from` takes ten times as long, at every start.
  for (let at = 0; at < bytes.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}
