/** BLAKE2b without a key (RFC 7693), for the hash functions of Argon2. */

const BLOCK: usize = 128;
const STATE = memory.data(64, 16);
const WORK = memory.data(128, 16);
const BUFFER = memory.data(128, 16);
let filled: usize = 0;
let total: u64 = 0;
let outLength: usize = 0;

/** RFC 7693 2.6: the initial vector, that of SHA-512. */
const IV: usize = memory.data<u64>([
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
]);
/** RFC 7693 2.7: the order of the message words in each round; rounds 10 and 11 repeat 0 and 1. */
const ORDER: usize = memory.data<u8>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
  11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
  7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
  9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
  2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
  12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
  13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
  6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
  10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
]);

/** `length` is the length of the hash, 1 to 64 bytes. */
export function blake2bStart(length: usize): void {
  memory.copy(STATE, IV, 64);
  // RFC 7693 2.5: no key, fan-out 1, depth 1.
  store<u64>(STATE, load<u64>(STATE) ^ 0x01010000 ^ <u64>length);
  outLength = length;
  filled = 0;
  total = 0;
}

export function blake2bUpdate(bytes: usize, length: usize): void {
  let at = bytes;
  let left = length;
  while (left > 0) {
    // The last block is told apart, so a full one waits until more comes.
    if (filled == BLOCK) {
      total += BLOCK;
      compress(false);
      filled = 0;
    }
    const take = min(BLOCK - filled, left);
    memory.copy(BUFFER + filled, at, take);
    filled += take;
    at += take;
    left -= take;
  }
}

export function blake2bFinish(out: usize): void {
  total += filled;
  memory.fill(BUFFER + filled, 0, BLOCK - filled);
  compress(true);
  memory.copy(out, STATE, outLength);
}

/** Forgets what was hashed. */
export function blake2bWipe(): void {
  memory.fill(STATE, 0, 64);
  memory.fill(WORK, 0, 128);
  memory.fill(BUFFER, 0, 128);
}

// RFC 7693 3.2.
function compress(isLast: bool): void {
  memory.copy(WORK, STATE, 64);
  memory.copy(WORK + 64, IV, 64);
  store<u64>(WORK, load<u64>(WORK, 96) ^ total, 96);
  if (isLast) store<u64>(WORK, ~load<u64>(WORK, 112), 112);
  for (let round = 0; round < 12; round++) {
    const order = ORDER + <usize>(round % 10) * 16;
    mix(0, 32, 64, 96, order);
    mix(8, 40, 72, 104, order + 2);
    mix(16, 48, 80, 112, order + 4);
    mix(24, 56, 88, 120, order + 6);
    mix(0, 40, 80, 120, order + 8);
    mix(8, 48, 88, 96, order + 10);
    mix(16, 56, 64, 104, order + 12);
    mix(24, 32, 72, 112, order + 14);
  }
  for (let at: usize = 0; at < 64; at += 8) {
    const mixed = load<u64>(WORK + at) ^ load<u64>(WORK + at, 64);
    store<u64>(STATE + at, load<u64>(STATE + at) ^ mixed);
  }
}

// RFC 7693 3.1, on words at these offsets and the two message words that `order` names.
// @ts-ignore: a decorator of the compiler
@inline
function mix(atA: usize, atB: usize, atC: usize, atD: usize, order: usize): void {
  let a = load<u64>(WORK + atA);
  let b = load<u64>(WORK + atB);
  let c = load<u64>(WORK + atC);
  let d = load<u64>(WORK + atD);
  a += b + load<u64>(BUFFER + (<usize>load<u8>(order) << 3));
  d = rotr<u64>(d ^ a, 32);
  c += d;
  b = rotr<u64>(b ^ c, 24);
  a += b + load<u64>(BUFFER + (<usize>load<u8>(order, 1) << 3));
  d = rotr<u64>(d ^ a, 16);
  c += d;
  b = rotr<u64>(b ^ c, 63);
  store<u64>(WORK + atA, a);
  store<u64>(WORK + atB, b);
  store<u64>(WORK + atC, c);
  store<u64>(WORK + atD, d);
}
