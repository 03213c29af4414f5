// A program of any size with what the Go linker writes into it at its very end, piece by piece.
// Source: System V ABI, gabi 4.1 (ELF header, sections); go/src/debug/buildinfo/buildinfo.go.

const pieceBytes = 2 ** 20;
const headerBytes = 64;

/** @param bytes about so many: what is said of it comes on top @returns its size, and its bytes */
export function makeLargeProgram(bytes: number): { readonly size: number; readonly pieces: Iterable<Buffer> } {
  const tail = Buffer.concat([buildInfo(), names, Buffer.alloc(rowBytes * 3)]);
  const filling = Math.ceil(bytes / pieceBytes) * pieceBytes;
  const start = headerBytes + filling;
  const table = start + buildInfo().length + names.length;
  tail.set(section(1, start, buildInfo().length), table - start + rowBytes);
  tail.set(section(16, start + buildInfo().length, names.length), table - start + 2 * rowBytes);
  return { size: start + tail.length, pieces: pieces(filling, table, tail) };
}

function* pieces(filling: number, table: number, tail: Buffer): Generator<Buffer> {
  yield header(table);
  const piece = Buffer.alloc(pieceBytes);
  for (let at = 0; at < filling; at += pieceBytes) {
    piece.writeUInt32LE(at / pieceBytes, 100);
    yield Buffer.from(piece);
  }
  yield tail;
}

const rowBytes = 64;
const names = Buffer.from("\0.go.buildinfo\0\0.shstrtab\0".padEnd(32, "\0"), "latin1");

function header(table: number): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeBigUInt64LE(BigInt(table), 40);
  bytes.writeUInt16LE(rowBytes, 58);
  bytes.writeUInt16LE(3, 60);
  bytes.writeUInt16LE(2, 62);
  return bytes;
}

function section(name: number, offset: number, size: number): Buffer {
  const row = Buffer.alloc(rowBytes);
  row.writeUInt32LE(name, 0);
  row.writeUInt32LE(1, 4);
  row.writeBigUInt64LE(BigInt(offset), 24);
  row.writeBigUInt64LE(BigInt(size), 32);
  return row;
}

/** Of a program with one dependency. */
function buildInfo(): Buffer {
  const head = Buffer.alloc(32);
  head.write("\xff Go buildinf:", "latin1");
  head[14] = 8;
  head[15] = 2;
  const edge = "0123456789abcdef";
  const modules = `${edge}path\texample.org/huge\nmod\texample.org/huge\tv1.2.3\t\ndep\texample.org/inside\tv4.5.6\th1:=\n${edge}`;
  return Buffer.concat([head, ...["go1.22.5", modules].flatMap((text) => [varint(text.length), Buffer.from(text)])]);
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.from([(value & 127) | 128, value >> 7]);
}
