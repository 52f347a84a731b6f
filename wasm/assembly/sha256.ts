/** SHA-256 (RFC 6234). One message at a time, in pieces: start, update, finish. */

const BLOCK: usize = 64;
const STATE = memory.data(32, 16);
const BUFFER = memory.data(64, 16);
const SCHEDULE = memory.data(256, 16);
let filled: usize = 0;
let total: u64 = 0;

/**
 * RFC 6234 5.1: the first 32 bits of the fractional parts of the cube roots of the first primes.
 */
const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/** RFC 6234 6.1: of the square roots of the first eight primes. */
export function sha256Start(): void {
  store<u32>(STATE, 0x6a09e667);
  store<u32>(STATE, 0xbb67ae85, 4);
  store<u32>(STATE, 0x3c6ef372, 8);
  store<u32>(STATE, 0xa54ff53a, 12);
  store<u32>(STATE, 0x510e527f, 16);
  store<u32>(STATE, 0x9b05688c, 20);
  store<u32>(STATE, 0x1f83d9ab, 24);
  store<u32>(STATE, 0x5be0cd19, 28);
  filled = 0;
  total = 0;
}

export function sha256Update(bytes: usize, length: usize): void {
  total += length;
  let at = bytes;
  let left = length;
  while (left > 0) {
    const take = min(BLOCK - filled, left);
    memory.copy(BUFFER + filled, at, take);
    filled += take;
    at += take;
    left -= take;
    if (filled == BLOCK) {
      compress();
      filled = 0;
    }
  }
}

/** Writes 32 bytes. */
export function sha256Finish(out: usize): void {
  store<u8>(BUFFER + filled, 0x80);
  memory.fill(BUFFER + filled + 1, 0, BLOCK - filled - 1);
  if (filled >= 56) {
    compress();
    memory.fill(BUFFER, 0, BLOCK);
  }
  // RFC 6234 4.1: the length in bits.
  store<u64>(BUFFER, bswap<u64>(total << 3), 56);
  compress();
  for (let at: usize = 0; at < 32; at += 4) store<u32>(out + at, bswap<u32>(load<u32>(STATE + at)));
}

/** Forgets what was hashed. */
export function sha256Wipe(): void {
  memory.fill(STATE, 0, 32);
  memory.fill(BUFFER, 0, 64);
  memory.fill(SCHEDULE, 0, 256);
}

// RFC 6234 6.2.
function compress(): void {
  for (let at: usize = 0; at < 64; at += 4) {
    store<u32>(SCHEDULE + at, bswap<u32>(load<u32>(BUFFER + at)));
  }
  for (let at: usize = 64; at < 256; at += 4) {
    const w15 = load<u32>(SCHEDULE + at - 60);
    const w2 = load<u32>(SCHEDULE + at - 8);
    const s0 = rotr<u32>(w15, 7) ^ rotr<u32>(w15, 18) ^ (w15 >> 3);
    const s1 = rotr<u32>(w2, 17) ^ rotr<u32>(w2, 19) ^ (w2 >> 10);
    store<u32>(
      SCHEDULE + at,
      load<u32>(SCHEDULE + at - 64) + s0 + load<u32>(SCHEDULE + at - 28) + s1,
    );
  }
  let a = load<u32>(STATE);
  let b = load<u32>(STATE, 4);
  let c = load<u32>(STATE, 8);
  let d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16);
  let f = load<u32>(STATE, 20);
  let g = load<u32>(STATE, 24);
  let h = load<u32>(STATE, 28);
  for (let at: usize = 0; at < 256; at += 4) {
    const big1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const t1 = h + big1 + (g ^ (e & (f ^ g))) + load<u32>(K + at) + load<u32>(SCHEDULE + at);
    const big0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const t2 = big0 + ((a & b) | (c & (a | b)));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  store<u32>(STATE, load<u32>(STATE) + a);
  store<u32>(STATE, load<u32>(STATE, 4) + b, 4);
  store<u32>(STATE, load<u32>(STATE, 8) + c, 8);
  store<u32>(STATE, load<u32>(STATE, 12) + d, 12);
  store<u32>(STATE, load<u32>(STATE, 16) + e, 16);
  store<u32>(STATE, load<u32>(STATE, 20) + f, 20);
  store<u32>(STATE, load<u32>(STATE, 24) + g, 24);
  store<u32>(STATE, load<u32>(STATE, 28) + h, 28);
}
