/**
 * Argon2id version 1.3 (RFC 9106), lanes one after another. The password, the blocks and everything
 * between are wiped; the caller wipes what it gave and what it got.
 */
import { blake2bFinish, blake2bStart, blake2bUpdate, blake2bWipe } from "./blake2b";

const BLOCK: usize = 1024;
/** 19 MiB: the cost that docs/protocol.md section 3 sets. */
export const MEMORY_KIB_MAX: u32 = 19456;
const BLOCKS = memory.data(19922944, 16);
const SYNC_POINTS: u32 = 4;
const VERSION: u32 = 0x13;
/** y = 2: Argon2id. */
const KIND: u32 = 2;

const H0 = memory.data(72, 16);
const NUMBER = memory.data(4, 16);
const CHAIN = memory.data(64, 16);
const REST = memory.data(1024, 16);
const XORED = memory.data(1024, 16);
const INPUT_BLOCK = memory.data(1024, 16);
const ADDRESSES = memory.data(1024, 16);
const ZERO_BLOCK = memory.data(1024, 16);

let lanes: u32 = 0;
let laneLength: u32 = 0;
let segmentLength: u32 = 0;
let passes: u32 = 0;
let blocks: u32 = 0;

function hashNumber(value: u32): void {
  store<u32>(NUMBER, value);
  blake2bUpdate(NUMBER, 4);
}

// RFC 9106 3.3: H', a hash of any length.
function longHash(out: usize, length: u32, bytes: usize, bytesLength: usize): void {
  blake2bStart(min<u32>(length, 64));
  hashNumber(length);
  blake2bUpdate(bytes, bytesLength);
  if (length <= 64) {
    blake2bFinish(out);
    return;
  }
  blake2bFinish(CHAIN);
  let at = out;
  let left = length;
  while (left > 64) {
    memory.copy(at, CHAIN, 32);
    at += 32;
    left -= 32;
    blake2bStart(min<u32>(left, 64));
    blake2bUpdate(CHAIN, 64);
    blake2bFinish(CHAIN);
  }
  memory.copy(at, CHAIN, left);
}

/**
 * `parts` is eight words: address and length of password, salt, secret and associated data. The
 * caller has checked: memoryKib from 8 x lanes to MEMORY_KIB_MAX, lanes and passes from 1, length
 * from 4.
 */
export function argon2id(
  out: usize,
  length: u32,
  parts: usize,
  memoryKib: u32,
  passCount: u32,
  laneCount: u32,
): void {
  lanes = laneCount;
  passes = passCount;
  segmentLength = memoryKib / (SYNC_POINTS * lanes);
  laneLength = segmentLength * SYNC_POINTS;
  blocks = laneLength * lanes;
  // RFC 9106 3.2 step 1.
  blake2bStart(64);
  hashNumber(lanes);
  hashNumber(length);
  hashNumber(memoryKib);
  hashNumber(passes);
  hashNumber(VERSION);
  hashNumber(KIND);
  for (let at: usize = 0; at < 32; at += 8) {
    hashNumber(load<u32>(parts + at, 4));
    blake2bUpdate(load<u32>(parts + at), load<u32>(parts + at, 4));
  }
  blake2bFinish(H0);
  // Steps 3 and 4: the first two blocks of each lane.
  for (let lane: u32 = 0; lane < lanes; lane++) {
    store<u32>(H0, lane, 68);
    for (let column: u32 = 0; column < 2; column++) {
      store<u32>(H0, column, 64);
      longHash(blockAt(lane, column), 1024, H0, 72);
    }
  }
  for (let pass: u32 = 0; pass < passes; pass++) {
    for (let slice: u32 = 0; slice < SYNC_POINTS; slice++) {
      for (let lane: u32 = 0; lane < lanes; lane++) fillSegment(pass, slice, lane);
    }
  }
  // Step 7.
  const last = blockAt(0, laneLength - 1);
  for (let lane: u32 = 1; lane < lanes; lane++) xorBlock(last, last, blockAt(lane, laneLength - 1));
  longHash(out, length, last, BLOCK);
  wipe();
}

function wipe(): void {
  memory.fill(BLOCKS, 0, <usize>blocks * BLOCK);
  memory.fill(H0, 0, 72);
  memory.fill(CHAIN, 0, 64);
  memory.fill(REST, 0, BLOCK);
  memory.fill(XORED, 0, BLOCK);
  memory.fill(ADDRESSES, 0, BLOCK);
  blake2bWipe();
}

// @ts-ignore: a decorator of the compiler
@inline
function blockAt(lane: u32, column: u32): usize {
  return BLOCKS + <usize>(lane * laneLength + column) * BLOCK;
}

function xorBlock(out: usize, left: usize, right: usize): void {
  for (let at: usize = 0; at < BLOCK; at += 8) {
    store<u64>(out + at, load<u64>(left + at) ^ load<u64>(right + at));
  }
}

// RFC 9106 3.4.1.2: the next 128 pseudo-random words of a data-independent segment.
function nextAddresses(): void {
  store<u64>(INPUT_BLOCK, load<u64>(INPUT_BLOCK, 48) + 1, 48);
  compress(ADDRESSES, ZERO_BLOCK, INPUT_BLOCK, false);
  compress(ADDRESSES, ZERO_BLOCK, ADDRESSES, false);
}

function fillSegment(pass: u32, slice: u32, lane: u32): void {
  // RFC 9106 3.4.1.3: the first two slices of the first pass do not look at the data.
  const independent = pass == 0 && slice < 2;
  if (independent) {
    memory.fill(INPUT_BLOCK, 0, BLOCK);
    store<u64>(INPUT_BLOCK, pass);
    store<u64>(INPUT_BLOCK, lane, 8);
    store<u64>(INPUT_BLOCK, slice, 16);
    store<u64>(INPUT_BLOCK, blocks, 24);
    store<u64>(INPUT_BLOCK, passes, 32);
    store<u64>(INPUT_BLOCK, KIND, 40);
  }
  const start: u32 = pass == 0 && slice == 0 ? 2 : 0;
  if (independent && start != 0) nextAddresses();
  for (let index = start; index < segmentLength; index++) {
    const column = slice * segmentLength + index;
    const previous = blockAt(lane, column == 0 ? laneLength - 1 : column - 1);
    if (independent && (index & 127) == 0) nextAddresses();
    const random = independent
      ? load<u64>(ADDRESSES + (<usize>(index & 127) << 3))
      : load<u64>(previous);
    const other = pass == 0 && slice == 0 ? lane : <u32>((random >> 32) % <u64>lanes);
    const at = referenceColumn(pass, slice, index, other == lane, <u32>random);
    const reference = blockAt(other, at);
    compress(blockAt(lane, column), previous, reference, pass > 0);
  }
}

// RFC 9106 3.4.2: which block of the lane, by the low half of the pseudo-random word.
function referenceColumn(pass: u32, slice: u32, index: u32, isOwn: bool, random: u32): u32 {
  let area: u32;
  if (pass == 0) area = slice * segmentLength;
  else area = laneLength - segmentLength;
  if (isOwn) area += index - 1;
  else if (index == 0) area--;
  const squared = (<u64>random * <u64>random) >> 32;
  const offset = area - 1 - <u32>((<u64>area * squared) >> 32);
  const first: u32 = pass == 0 || slice == SYNC_POINTS - 1 ? 0 : (slice + 1) * segmentLength;
  return (first + offset) % laneLength;
}

// RFC 9106 3.5: G. With `withOld` the block that is replaced is mixed in (3.2 step 6).
function compress(out: usize, left: usize, right: usize, withOld: bool): void {
  for (let at: usize = 0; at < BLOCK; at += 8) {
    const mixed = load<u64>(left + at) ^ load<u64>(right + at);
    store<u64>(REST + at, mixed);
    store<u64>(XORED + at, withOld ? mixed ^ load<u64>(out + at) : mixed);
  }
  for (let row: usize = 0; row < BLOCK; row += 128) permute(REST + row, 16);
  for (let column: usize = 0; column < 128; column += 16) permute(REST + column, 128);
  xorBlock(out, XORED, REST);
}

// RFC 9106 3.6: a + b + 2 low(a) low(b).
// @ts-ignore: a decorator of the compiler
@inline
function blamka(a: u64, b: u64): u64 {
  return a + b + (((a & 0xffffffff) * (b & 0xffffffff)) << 1);
}

// RFC 9106 3.6: P on eight registers of 16 bytes, `stride` apart.
function permute(base: usize, stride: usize): void {
  let v0 = load<u64>(base + 0 * stride);
  let v1 = load<u64>(base + 0 * stride, 8);
  let v2 = load<u64>(base + 1 * stride);
  let v3 = load<u64>(base + 1 * stride, 8);
  let v4 = load<u64>(base + 2 * stride);
  let v5 = load<u64>(base + 2 * stride, 8);
  let v6 = load<u64>(base + 3 * stride);
  let v7 = load<u64>(base + 3 * stride, 8);
  let v8 = load<u64>(base + 4 * stride);
  let v9 = load<u64>(base + 4 * stride, 8);
  let v10 = load<u64>(base + 5 * stride);
  let v11 = load<u64>(base + 5 * stride, 8);
  let v12 = load<u64>(base + 6 * stride);
  let v13 = load<u64>(base + 6 * stride, 8);
  let v14 = load<u64>(base + 7 * stride);
  let v15 = load<u64>(base + 7 * stride, 8);
  v0 = blamka(v0, v4);
  v12 = rotr<u64>(v12 ^ v0, 32);
  v8 = blamka(v8, v12);
  v4 = rotr<u64>(v4 ^ v8, 24);
  v0 = blamka(v0, v4);
  v12 = rotr<u64>(v12 ^ v0, 16);
  v8 = blamka(v8, v12);
  v4 = rotr<u64>(v4 ^ v8, 63);
  v1 = blamka(v1, v5);
  v13 = rotr<u64>(v13 ^ v1, 32);
  v9 = blamka(v9, v13);
  v5 = rotr<u64>(v5 ^ v9, 24);
  v1 = blamka(v1, v5);
  v13 = rotr<u64>(v13 ^ v1, 16);
  v9 = blamka(v9, v13);
  v5 = rotr<u64>(v5 ^ v9, 63);
  v2 = blamka(v2, v6);
  v14 = rotr<u64>(v14 ^ v2, 32);
  v10 = blamka(v10, v14);
  v6 = rotr<u64>(v6 ^ v10, 24);
  v2 = blamka(v2, v6);
  v14 = rotr<u64>(v14 ^ v2, 16);
  v10 = blamka(v10, v14);
  v6 = rotr<u64>(v6 ^ v10, 63);
  v3 = blamka(v3, v7);
  v15 = rotr<u64>(v15 ^ v3, 32);
  v11 = blamka(v11, v15);
  v7 = rotr<u64>(v7 ^ v11, 24);
  v3 = blamka(v3, v7);
  v15 = rotr<u64>(v15 ^ v3, 16);
  v11 = blamka(v11, v15);
  v7 = rotr<u64>(v7 ^ v11, 63);
  v0 = blamka(v0, v5);
  v15 = rotr<u64>(v15 ^ v0, 32);
  v10 = blamka(v10, v15);
  v5 = rotr<u64>(v5 ^ v10, 24);
  v0 = blamka(v0, v5);
  v15 = rotr<u64>(v15 ^ v0, 16);
  v10 = blamka(v10, v15);
  v5 = rotr<u64>(v5 ^ v10, 63);
  v1 = blamka(v1, v6);
  v12 = rotr<u64>(v12 ^ v1, 32);
  v11 = blamka(v11, v12);
  v6 = rotr<u64>(v6 ^ v11, 24);
  v1 = blamka(v1, v6);
  v12 = rotr<u64>(v12 ^ v1, 16);
  v11 = blamka(v11, v12);
  v6 = rotr<u64>(v6 ^ v11, 63);
  v2 = blamka(v2, v7);
  v13 = rotr<u64>(v13 ^ v2, 32);
  v8 = blamka(v8, v13);
  v7 = rotr<u64>(v7 ^ v8, 24);
  v2 = blamka(v2, v7);
  v13 = rotr<u64>(v13 ^ v2, 16);
  v8 = blamka(v8, v13);
  v7 = rotr<u64>(v7 ^ v8, 63);
  v3 = blamka(v3, v4);
  v14 = rotr<u64>(v14 ^ v3, 32);
  v9 = blamka(v9, v14);
  v4 = rotr<u64>(v4 ^ v9, 24);
  v3 = blamka(v3, v4);
  v14 = rotr<u64>(v14 ^ v3, 16);
  v9 = blamka(v9, v14);
  v4 = rotr<u64>(v4 ^ v9, 63);
  store<u64>(base + 0 * stride, v0);
  store<u64>(base + 0 * stride, v1, 8);
  store<u64>(base + 1 * stride, v2);
  store<u64>(base + 1 * stride, v3, 8);
  store<u64>(base + 2 * stride, v4);
  store<u64>(base + 2 * stride, v5, 8);
  store<u64>(base + 3 * stride, v6);
  store<u64>(base + 3 * stride, v7, 8);
  store<u64>(base + 4 * stride, v8);
  store<u64>(base + 4 * stride, v9, 8);
  store<u64>(base + 5 * stride, v10);
  store<u64>(base + 5 * stride, v11, 8);
  store<u64>(base + 6 * stride, v12);
  store<u64>(base + 6 * stride, v13, 8);
  store<u64>(base + 7 * stride, v14);
  store<u64>(base + 7 * stride, v15, 8);
}
