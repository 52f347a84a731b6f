/**
 * Ed25519 verification, strict and cofactored (RFC 8032 5.1.7 with the checks of docs/protocol.md
 * section 2): S < L; A and R canonical; A not of small order; [8]([S]B - R - [k]A) = 0. Single and
 * batch agree by construction. Variable time: everything here is public.
 */
import {
  AFFINE_BYTES,
  CACHED_BYTES,
  POINT_BYTES,
  pointAddCached,
  pointCache,
  pointCacheAffine,
  pointCopy,
  pointDecompress,
  pointDouble,
  pointIdentity,
  pointInit,
  pointIsIdentity,
  pointNegate,
  pointNormalise,
} from "./point";
import {
  scalarAccumulate,
  scalarHalve,
  scalarIsCanonical,
  scalarMultiply,
  scalarReduce,
} from "./scalar";
import { sha512Finish, sha512Start, sha512Update } from "./sha512";
import { sumAdd, sumAddAffine, sumFinish, sumStart } from "./sum";

/** Odd multiples 1, 3 ... 15 of a point: width 5. */
const TABLE_ENTRIES: usize = 8;
const TABLE_BYTES: usize = TABLE_ENTRIES * CACHED_BYTES;
const POINT_WIDTH: u32 = 5;
/** Odd multiples 1, 3 ... 127 of the base point: width 8. */
const BASE_ENTRIES: usize = 64;
const BASE_WIDTH: u32 = 8;
export const BATCH_ITEMS_MAX: usize = 64;

/** The largest form of a point, of a table, of a base table. */
const POINT_BYTES_MAX = 160;
const TABLE_BYTES_MAX = 1280;
const BASE_BYTES_MAX = 7680;

/** RFC 8032 5.1: the base point, y = 4/5, x even. */
const BASE_POINT: usize = memory.data<u8>([
  0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
  0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
]);
const BASE_LOW = memory.data(BASE_BYTES_MAX, 16);
/** Of 2^128 times the base point. */
const BASE_HIGH = memory.data(BASE_BYTES_MAX, 16);

const POINT_A = memory.data(POINT_BYTES_MAX, 16);
const POINT_R = memory.data(POINT_BYTES_MAX, 16);
const SUM = memory.data(POINT_BYTES_MAX, 16);
const TWICE = memory.data(POINT_BYTES_MAX, 16);
const TWICE_CACHED = memory.data(POINT_BYTES_MAX, 16);
const TABLE_A = memory.data(TABLE_BYTES_MAX, 16);
const TABLE_R = memory.data(TABLE_BYTES_MAX, 16);
const DIGEST = memory.data(64, 16);
const SCALAR_K = memory.data(32, 16);
const SCALAR_U = memory.data(32, 16);
const SCALAR_V = memory.data(32, 16);
const SCALAR_E = memory.data(32, 16);
const HALF = memory.data(32, 16);

/** Builds the tables of the base point; once, before anything else. */
export function ed25519Init(): void {
  pointInit();
  pointDecompress(POINT_A, BASE_POINT);
  baseTable(BASE_LOW, POINT_A);
  pointDecompress(POINT_A, BASE_POINT);
  for (let n = 0; n < 128; n++) pointDouble(POINT_A, POINT_A, true);
  baseTable(BASE_HIGH, POINT_A);
}

function baseTable(table: usize, point: usize): void {
  pointDouble(TWICE, point, true);
  pointCache(TWICE_CACHED, TWICE);
  for (let n: usize = 0; n < BASE_ENTRIES; n++) {
    pointCopy(SUM, point);
    pointNormalise(SUM);
    pointCacheAffine(table + n * AFFINE_BYTES, SUM);
    pointAddCached(point, point, TWICE_CACHED, false, true);
  }
}

// The odd multiples of `point`, which becomes the last one of them plus two more.
function pointTable(table: usize, point: usize): void {
  pointDouble(TWICE, point, true);
  pointCache(TWICE_CACHED, TWICE);
  pointCache(table, point);
  for (let n: usize = 1; n < TABLE_ENTRIES; n++) {
    pointAddCached(point, point, TWICE_CACHED, false, true);
    pointCache(table + n * CACHED_BYTES, point);
  }
}

// k = SHA-512(R || A || M) modulo L: RFC 8032 5.1.7 step 2.
function challenge(
  out: usize,
  signature: usize,
  publicKey: usize,
  message: usize,
  length: usize,
): void {
  sha512Start();
  sha512Update(signature, 32);
  sha512Update(publicKey, 32);
  sha512Update(message, length);
  sha512Finish(DIGEST);
  scalarReduce(out, DIGEST);
}

// Leaves A in POINT_A. A point of small order is one whose eightfold is the identity.
function readKey(publicKey: usize): bool {
  if (!pointDecompress(POINT_A, publicKey)) return false;
  pointDouble(TWICE, POINT_A, false);
  pointDouble(TWICE, TWICE, false);
  pointDouble(TWICE, TWICE, false);
  return !pointIsIdentity(TWICE);
}

/** `signature` 64 bytes, `publicKey` 32. */
export function ed25519Verify(
  signature: usize,
  publicKey: usize,
  message: usize,
  length: usize,
): bool {
  if (!scalarIsCanonical(signature + 32)) return false;
  if (!readKey(publicKey)) return false;
  if (!pointDecompress(POINT_R, signature)) return false;
  challenge(SCALAR_K, signature, publicKey, message, length);
  // With k v = +-u, v not 0 modulo L: [8]([S]B - R - [k]A) = 0 exactly when
  // [8]([v S]B - [v]R -+ [u]A) = 0, and all three scalars are half as long once [v S]B is split.
  const negative = scalarHalve(SCALAR_U, SCALAR_V, SCALAR_K);
  scalarMultiply(SCALAR_E, SCALAR_V, signature + 32);
  pointNegate(POINT_R);
  if (!negative) pointNegate(POINT_A);
  pointTable(TABLE_R, POINT_R);
  pointTable(TABLE_A, POINT_A);
  sumStart();
  sumAdd(SCALAR_U, POINT_WIDTH, TABLE_A);
  sumAdd(SCALAR_V, POINT_WIDTH, TABLE_R);
  memory.fill(HALF, 0, 32);
  memory.copy(HALF, SCALAR_E, 16);
  sumAddAffine(HALF, BASE_WIDTH, BASE_LOW);
  memory.copy(HALF, SCALAR_E + 16, 16);
  sumAddAffine(HALF, BASE_WIDTH, BASE_HIGH);
  sumFinish(SUM);
  return isTorsion();
}

// [8]SUM = 0. RFC 8032 5.1.7 step 3, with the cofactor.
function isTorsion(): bool {
  pointDouble(SUM, SUM, false);
  pointDouble(SUM, SUM, false);
  pointDouble(SUM, SUM, false);
  return pointIsIdentity(SUM);
}

/** What a batch keeps per item and per key. */
const BATCH_TABLES = memory.data(163840, 16); // 2 x 64 tables
const KEY_SCALARS = memory.data(2048, 16); // sum of z k per key
const KEY_BYTES = memory.data(2048, 16);
const PRODUCT = memory.data(32, 16);

/**
 * One item of a batch: signature (64), public key (32), coefficient (16, random, not 0), length of
 * the message (4), the message, and nothing to fill up.
 */
export const ITEM_HEAD: usize = 116;

/**
 * True when every item verifies. False when any does not, except with probability 2^-128 over the
 * coefficients: [8](sum z_i S_i B - sum z_i R_i - sum z_i k_i A_i) = 0.
 */
export function ed25519VerifyBatch(items: usize, count: usize): bool {
  let keys: usize = 0;
  let item = items;
  memory.fill(SCALAR_E, 0, 32);
  sumStart();
  for (let n: usize = 0; n < count; n++) {
    const publicKey = item + 64;
    const coefficient = item + 96;
    const length = <usize>load<u32>(item, 112);
    if (!scalarIsCanonical(item + 32)) return false;
    if (!pointDecompress(POINT_R, item)) return false;
    pointNegate(POINT_R);
    const table = BATCH_TABLES + n * TABLE_BYTES;
    pointTable(table, POINT_R);
    memory.fill(SCALAR_V, 0, 32);
    memory.copy(SCALAR_V, coefficient, 16);
    sumAdd(SCALAR_V, POINT_WIDTH, table);
    scalarMultiply(PRODUCT, SCALAR_V, item + 32);
    scalarAccumulate(SCALAR_E, PRODUCT);
    challenge(SCALAR_K, item, publicKey, item + ITEM_HEAD, length);
    scalarMultiply(PRODUCT, SCALAR_V, SCALAR_K);
    const key = findKey(publicKey, keys);
    if (key == keys) {
      if (!readKey(publicKey)) return false;
      memory.copy(KEY_BYTES + key * 32, publicKey, 32);
      memory.fill(KEY_SCALARS + key * 32, 0, 32);
      pointNegate(POINT_A);
      pointTable(BATCH_TABLES + (BATCH_ITEMS_MAX + key) * TABLE_BYTES, POINT_A);
      keys++;
    }
    scalarAccumulate(KEY_SCALARS + key * 32, PRODUCT);
    item += ITEM_HEAD + length;
  }
  for (let n: usize = 0; n < keys; n++) {
    const table = BATCH_TABLES + (BATCH_ITEMS_MAX + n) * TABLE_BYTES;
    sumAdd(KEY_SCALARS + n * 32, POINT_WIDTH, table);
  }
  sumAddAffine(SCALAR_E, BASE_WIDTH, BASE_LOW);
  sumFinish(SUM);
  return isTorsion();
}

function findKey(publicKey: usize, keys: usize): usize {
  for (let n: usize = 0; n < keys; n++) {
    if (memory.compare(KEY_BYTES + n * 32, publicKey, 32) == 0) return n;
  }
  return keys;
}
