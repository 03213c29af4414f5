// Tar archives as tests need them: any name, type and mode, in the order given, nothing corrected.
// Source: POSIX.1-1988 ustar, the header layout of 512 bytes.

export type TarFile = {
  readonly name: string;
  readonly data?: string | Uint8Array;
  /** Octal text; default `0755`. */
  readonly mode?: string;
  /** `0` file (default), `1` hard link, `2` symbolic link, `3` and `4` device nodes, `5` folder, `6` fifo. */
  readonly type?: string;
  readonly link?: string;
  /** Eight bytes of magic and version; default POSIX's. */
  readonly magic?: string;
  /** What POSIX readers put before the name. */
  readonly prefix?: string;
};

export function tar(files: readonly TarFile[]): Buffer {
  return Buffer.concat([...files.flatMap(tarEntry), Buffer.alloc(1024)]);
}

function tarEntry(file: TarFile): readonly Buffer[] {
  const data = Buffer.from(file.data ?? "");
  const padding = Buffer.alloc((512 - (data.length % 512)) % 512);
  return [tarHeader(file, data.length), data, padding];
}

function tarHeader(file: TarFile, size: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(file.name, 0, 100);
  header.write(`${(file.mode ?? "0755").padStart(7, "0")}\0`, 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write(file.type ?? "0", 156);
  header.write(file.link ?? "", 157, 100);
  header.write(file.magic ?? "ustar\x0000", 257, 8, "latin1");
  header.write(file.prefix ?? "", 345, 155);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}
