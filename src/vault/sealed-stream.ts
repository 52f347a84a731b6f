/**
 * Bytes sealed piece by piece, for files that are larger than memory: the STREAM construction
 * (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse
 * Misuse-Resistance, CRYPTO 2015) over AES-256-GCM (NIST SP 800-38D). The nonce of a piece is its
 * number and a mark of the last one, so that a piece which is missing, repeated or moved does not
 * open, and a file that was cut off has no last piece. A piece of another file does not open
 * either: the key is the file's own, of a random salt and of what the file is bound to (HKDF, RFC
 * 5869); so no nonce is used twice under a key.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { assert } from "../../actors/assert.ts";
import { wipe } from "../../wasm/bytes.ts";

/** What is sealed at once; the last piece may be shorter, and empty only in an empty file. */
export const PIECE_BYTES = 1_048_576;
export const TAG_BYTES = 16;
export const SALT_BYTES = 32;

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
/** The nonce ends with four bytes of number and one of mark. */
const NUMBER_AT = 7;
const PIECES_MAX = 2 ** 32;

/** The pieces of one file, one after the other, in one direction. */
export class PieceCipher {
  readonly #key: Uint8Array;
  #pieces = 0;
  #isOver = false;

  /** `salt` is random and stands beside the pieces. */
  constructor(kek: Uint8Array, salt: Uint8Array, bound: string) {
    assert(salt.length === SALT_BYTES, "a salt has 32 bytes");
    const info = `seqr/sealed-stream/v1\n${bound}`;
    this.#key = new Uint8Array(hkdfSync("sha256", kek, salt, info, KEY_BYTES));
  }

  /** The tag follows the body. */
  seal(
    piece: Uint8Array,
    isLast: boolean,
  ): { readonly body: Uint8Array; readonly tag: Uint8Array } {
    assert(isLast ? piece.length <= PIECE_BYTES : piece.length === PIECE_BYTES, "pieces are even");
    const cipher = createCipheriv("aes-256-gcm", this.#key, this.#nonce(isLast));
    const body = cipher.update(piece);
    const rest = cipher.final();
    assert(rest.length === 0, "GCM gives as many bytes as it takes");
    return { body, tag: cipher.getAuthTag() };
  }

  /** Throws when the piece is not this one of this file. */
  open(sealed: Uint8Array, isLast: boolean): Uint8Array {
    assert(sealed.length >= TAG_BYTES, "a sealed piece has a tag");
    const decipher = createDecipheriv("aes-256-gcm", this.#key, this.#nonce(isLast));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const piece = decipher.update(sealed.subarray(0, -TAG_BYTES));
    const rest = decipher.final();
    assert(rest.length === 0, "GCM gives as many bytes as it takes");
    return new Uint8Array(piece.buffer, piece.byteOffset, piece.length);
  }

  /** The key is of no use any more. */
  end(): void {
    this.#isOver = true;
    wipe(this.#key);
  }

  #nonce(isLast: boolean): Uint8Array {
    assert(!this.#isOver, "nothing comes after the last piece");
    assert(this.#pieces < PIECES_MAX, "a file has so many pieces and no more");
    const nonce = new Uint8Array(NONCE_BYTES);
    new DataView(nonce.buffer).setUint32(NUMBER_AT, this.#pieces++);
    nonce[NONCE_BYTES - 1] = isLast ? 1 : 0;
    if (isLast) this.#isOver = true;
    return nonce;
  }
}
