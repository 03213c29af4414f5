// Tar archives with any construct in them, byte by byte: what no honest writer makes.
// Source: POSIX.1-1988 ustar, IEEE Std 1003.1 pax, GNU tar manual "Basic Tar Format".

export type Member = {
  readonly name: string | Buffer;
  readonly type?: string;
  readonly data?: string | Buffer;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly device?: readonly [number, number];
  readonly prefix?: string;
  /** `posix` (default), `gnu`, `v7`, `star`, or eight bytes of magic and version. */
  readonly format?: string;
  /** Instead of the size of the data: 12 bytes as they stand in the field. */
  readonly sizeField?: string | Buffer;
  readonly checksum?: "right" | "wrong" | "signed";
  /** Bytes written over the header before its checksum is made. */
  readonly patch?: readonly (readonly [offset: number, bytes: string | Buffer])[];
};

const magics: Readonly<Record<string, string>> = {
  posix: "ustar\x0000",
  star: "ustar\x0000",
  gnu: "ustar  \x00",
  v7: "\0\0\0\0\0\0\0\0",
};

/** Header, content and padding. */
export function member(of: Member): Buffer {
  const data = Buffer.from(of.data ?? "");
  return Buffer.concat([header(of, data.length), data, Buffer.alloc(-data.length & 511)]);
}

export function file(name: string, data = `content of ${name}`): Buffer {
  return member({ name, data });
}

export function folder(name: string): Buffer {
  return member({ name: `${name}/`, type: "5", mode: 0o755 });
}

export function symlink(name: string, link: string): Buffer {
  return member({ name, type: "2", link });
}

export function hardlink(name: string, link: string): Buffer {
  return member({ name, type: "1", link });
}

/** One extended header; values as they are, lengths right. */
export function pax(records: readonly (readonly [key: string, value: string | Buffer])[], type = "x"): Buffer {
  return member({
    name: type === "g" ? "pax_global_header" : "PaxHeaders/0",
    type,
    data: Buffer.concat(records.map(([key, value]) => paxRecord(key, value))),
  });
}

export function paxRecord(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from("\n")]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** GNU's long name (`L`) or long link target (`K`) of the next member. */
export function gnuLong(type: "L" | "K", text: string): Buffer {
  return member({ name: "././@LongLink", type, data: `${text}\0`, format: "gnu" });
}

export const endMark: Buffer = Buffer.alloc(1024);
export const zeroBlock: Buffer = Buffer.alloc(512);

/** Members and an end mark. */
export function archive(...members: readonly Buffer[]): Buffer {
  return Buffer.concat([...members, endMark]);
}

function header(of: Member, size: number): Buffer {
  const block = Buffer.alloc(512);
  put(block, 0, 100, of.name);
  put(block, 100, 8, octal(of.mode ?? 0o644, 7));
  put(block, 108, 8, octal(of.uid ?? 0, 7));
  put(block, 116, 8, octal(of.gid ?? 0, 7));
  put(block, 124, 12, of.sizeField ?? octal(size, 11));
  put(block, 136, 12, octal(of.mtime ?? 0, 11));
  put(block, 156, 1, of.type ?? "0");
  put(block, 157, 100, of.link ?? "");
  put(block, 257, 8, magics[of.format ?? "posix"] ?? of.format ?? "");
  if (of.device !== undefined) {
    put(block, 329, 8, octal(of.device[0], 7));
    put(block, 337, 8, octal(of.device[1], 7));
  }
  put(block, 345, 155, of.prefix ?? "");
  if (of.format === "star") put(block, 508, 4, "tar\0");
  for (const [offset, bytes] of of.patch ?? []) put(block, offset, 512 - offset, bytes);
  put(block, 148, 8, `${octal(checksum(block, of.checksum), 6)}\0 `);
  return block;
}

function checksum(block: Buffer, kind: Member["checksum"] = "right"): number {
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + (kind === "signed" && byte > 127 ? byte - 256 : byte), 0);
  return kind === "wrong" ? sum + 1 : sum;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function put(block: Buffer, at: number, length: number, value: string | Buffer): void {
  Buffer.from(value).copy(block, at, 0, length);
}

/** A number in base 256, as GNU tar writes what octal digits cannot hold. */
export function base256(value: bigint, length = 12): Buffer {
  const field = Buffer.alloc(length);
  let rest = BigInt.asUintN(length * 8, value);
  for (let at = length - 1; at >= 0; at -= 1, rest >>= 8n) field[at] = Number(rest & 255n);
  field[0] = (field[0] ?? 0) | 0x80;
  return field;
}
