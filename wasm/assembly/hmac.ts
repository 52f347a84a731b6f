/**
 * HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869). Both work on secrets and wipe after them.
 */
import { sha256Finish, sha256Start, sha256Update, sha256Wipe } from "./sha256";

const BLOCK: usize = 64;
const HASH: usize = 32;
const PAD = memory.data(64, 16);
const INNER = memory.data(32, 16);
const PSEUDO_RANDOM_KEY = memory.data(32, 16);
const PIECE = memory.data(32, 16);
const COUNTER = memory.data(1, 16);

// RFC 2104 2: keys longer than a block are hashed first.
function padKey(key: usize, length: usize): void {
  memory.fill(PAD, 0, BLOCK);
  if (length <= BLOCK) {
    memory.copy(PAD, key, length);
    return;
  }
  sha256Start();
  sha256Update(key, length);
  sha256Finish(PAD);
}

function xorPad(value: u64): void {
  for (let at: usize = 0; at < BLOCK; at += 8) store<u64>(PAD + at, load<u64>(PAD + at) ^ value);
}

function begin(key: usize, keyLength: usize): void {
  padKey(key, keyLength);
  xorPad(0x3636363636363636);
  sha256Start();
  sha256Update(PAD, BLOCK);
}

function end(out: usize): void {
  sha256Finish(INNER);
  // ipad and opad differ by 0x36 ^ 0x5c = 0x6a.
  xorPad(0x6a6a6a6a6a6a6a6a);
  sha256Start();
  sha256Update(PAD, BLOCK);
  sha256Update(INNER, HASH);
  sha256Finish(out);
}

/** Writes 32 bytes; `out` may be `key` or `message`. */
export function hmacSha256(
  out: usize,
  key: usize,
  keyLength: usize,
  message: usize,
  length: usize,
): void {
  begin(key, keyLength);
  sha256Update(message, length);
  end(out);
}

/** RFC 5869 2.2 and 2.3. `length` is at most 255 x 32. */
export function hkdfSha256(
  out: usize,
  length: usize,
  material: usize,
  materialLength: usize,
  salt: usize,
  saltLength: usize,
  info: usize,
  infoLength: usize,
): void {
  // No salt is a salt of zeros, and so is the pad of a key without bytes.
  hmacSha256(PSEUDO_RANDOM_KEY, salt, saltLength, material, materialLength);
  let done: usize = 0;
  for (let n: u8 = 1; done < length; n++) {
    begin(PSEUDO_RANDOM_KEY, HASH);
    if (n > 1) sha256Update(PIECE, HASH);
    sha256Update(info, infoLength);
    store<u8>(COUNTER, n);
    sha256Update(COUNTER, 1);
    end(PIECE);
    const take = min(HASH, length - done);
    memory.copy(out + done, PIECE, take);
    done += take;
  }
  memory.fill(PSEUDO_RANDOM_KEY, 0, HASH);
  memory.fill(PIECE, 0, HASH);
}

/** Forgets keys and what was hashed. */
export function hmacWipe(): void {
  memory.fill(PAD, 0, BLOCK);
  memory.fill(INNER, 0, HASH);
  sha256Wipe();
}
