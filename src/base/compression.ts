// How bytes are compressed, told by the first of them exactly as the engine tells it.
// Source: moby pkg/archive, DetectCompression.

export type Compression = "none" | "gzip" | "zstd" | "bzip2" | "xz";

/** Bytes that are needed to tell. */
export const magicBytes = 10;

export function detectCompression(start: Uint8Array): Compression {
  if (startsWith(start, [0x42, 0x5a, 0x68])) return "bzip2";
  if (startsWith(start, [0x1f, 0x8b, 0x08])) return "gzip";
  if (startsWith(start, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])) return "xz";
  if (startsWith(start, [0x28, 0xb5, 0x2f, 0xfd])) return "zstd";
  const isSkippableFrame = ((start[0] ?? 0) & 0xf0) === 0x50 && startsWith(start.subarray(1), [0x2a, 0x4d, 0x18]);
  return isSkippableFrame ? "zstd" : "none";
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, at) => bytes[at] === byte);
}
