/** Whether bytes begin like a picture that phones make. What it shows is for people to judge. */

const JPEG = [0xff, 0xd8, 0xff];
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const RIFF = [0x52, 0x49, 0x46, 0x46];
const WEBP = [0x57, 0x45, 0x42, 0x50];
const WEBP_AT = 8;

export function isPicture(bytes: Uint8Array): boolean {
  return pictureType(bytes) !== undefined;
}

export function pictureType(
  bytes: Uint8Array,
): "image/jpeg" | "image/png" | "image/webp" | undefined {
  if (beginsWith(bytes, JPEG, 0)) return "image/jpeg";
  if (beginsWith(bytes, PNG, 0)) return "image/png";
  if (beginsWith(bytes, RIFF, 0) && beginsWith(bytes, WEBP, WEBP_AT)) return "image/webp";
  return undefined;
}

function beginsWith(bytes: Uint8Array, start: readonly number[], at: number): boolean {
  return start.every((byte, index) => bytes[at + index] === byte);
}
