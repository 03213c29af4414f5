// What a file is, by its first bytes, as far as secrets need to know.
// Source: the formats' own magic numbers, as in file(1).

/** `packed`: compressed or encoded, so that no text can be found in it; `wide`: UTF-16 with a byte order mark. */
export type FileKind = "text" | "wide" | "binary" | "packed";

const packedMagics: readonly (readonly [offset: number, magic: string])[] = [
  [0, "\x1f\x8b"], // gzip
  [0, "\xfd7zXZ\0"],
  [0, "\x28\xb5\x2f\xfd"], // zstd
  [0, "BZh"],
  [0, "PK\x03\x04"],
  [0, "7z\xbc\xaf\x27\x1c"],
  [0, "Rar!\x1a\x07"],
  [0, "\x89PNG\r\n\x1a\n"],
  [0, "\xff\xd8\xff"], // JPEG
  [0, "GIF8"],
  [8, "WEBP"],
  [4, "ftyp"], // MP4, HEIF, AVIF
  [0, "OggS"],
  [0, "ID3"],
  [0, "fLaC"],
  [0, "wOFF"],
  [0, "wOF2"],
  [0, "\0\x01\0\0\0"], // TrueType
  [0, "OTTO"],
];

/** @param head the first bytes, up to 512 */
export function fileKind(head: Uint8Array): FileKind {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString("latin1");
  if (text.startsWith("\xff\xfe") || text.startsWith("\xfe\xff")) return "wide";
  if (packedMagics.some(([offset, magic]) => text.startsWith(magic, offset))) return "packed";
  return text.includes("\0") ? "binary" : "text";
}
