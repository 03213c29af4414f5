// Hostile layers whose headers, sizes and attributes are read differently. The letters are those of docs/images.md.

import { type HostileLayer, row } from "./hostile-row.ts";
import { archive, base256, endMark, file, folder, gnuLong, member, pax, paxRecord, zeroBlock } from "./hostile-tar.ts";

const hidden = file("smuggled", "hidden behind a size that readers understand differently");
/** What follows is the content of nobody, or the next members. */
const pretends = "00000002000\0";

export const hostileHeaders: readonly HostileLayer[] = [
  row(
    "L13a",
    "a pax size that is larger",
    archive(pax([["size", "1024"]]), member({ name: "x", data: "a".repeat(1024), sizeField: "00000000001\0" })),
    ["two-sizes"],
  ),
  row(
    "L13b",
    "a pax size that is smaller",
    archive(pax([["size", "512"]]), member({ name: "x", data: Buffer.alloc(512, "a"), sizeField: pretends }), hidden),
    ["two-sizes"],
  ),
  row(
    "L14a",
    "a pax path, then a GNU name",
    archive(pax([["path", "pax-name"]]), gnuLong("L", "gnu-name"), file("x")),
    ["mixed-extensions"],
  ),
  row(
    "L14b",
    "a GNU name, then a pax path",
    archive(gnuLong("L", "gnu-name"), pax([["path", "pax-name"]]), file("x")),
    ["mixed-extensions"],
  ),
  row("L14c", "two pax headers", archive(pax([["path", "first"]]), pax([["mtime", "1"]]), file("x")), [
    "repeated-extension",
  ]),
  row("L14d", "two GNU names", archive(gnuLong("L", "first"), gnuLong("L", "second"), file("x")), [
    "repeated-extension",
  ]),
  row("L14e", "a pax size over a GNU name", archive(pax([["size", "3"]]), gnuLong("L", "gnu-name"), file("x", "abc")), [
    "mixed-extensions",
  ]),
  row(
    "L15",
    "a pax key twice",
    archive(
      pax([
        ["path", "first"],
        ["path", "second"],
      ]),
      file("x"),
    ),
    ["duplicate-pax-key"],
  ),
  row("L15b", "a pax path without a value", archive(pax([["path", ""]]), file("x")), ["empty-pax-value"]),
  row("L16", "a NUL in a pax path", archive(pax([["path", "good\0/../../evil"]]), file("x")), "refused"),
  row("L17", "a global header with a path", archive(pax([["path", "everywhere"]], "g"), file("x")), [
    "global-pax-header",
  ]),
  row("L17b", "a global header with a comment", archive(pax([["comment", "0123456789"]], "g"), file("x")), []),
  row(
    "L17c",
    "a global header before its entry",
    archive(pax([["path", "lost"]]), pax([["comment", "1"]], "g"), file("x")),
    ["global-pax-header"],
  ),
  row("L18", "two empty blocks in the middle", archive(file("x"), endMark, file("hidden")), ["data-after-end"]),
  row("L18b", "one empty block in the middle", archive(file("x"), zeroBlock, file("hidden")), "refused"),
  row("L19", "one empty block at the end", Buffer.concat([file("x"), zeroBlock]), ["lone-zero-block"]),
  row("L19b", "no end mark", file("x"), []),
  row(
    "L20a",
    "a symlink with a size",
    archive(member({ name: "l", type: "2", link: "x", sizeField: pretends }), hidden),
    ["size-without-content"],
  ),
  row(
    "L20b",
    "a hard link with a size",
    archive(file("x"), member({ name: "l", type: "1", link: "x", sizeField: pretends }), hidden),
    ["size-without-content"],
  ),
  row("L20c", "a directory with a size", archive(member({ name: "d/", type: "5", sizeField: pretends }), hidden), [
    "size-without-content",
  ]),
  row(
    "L20d",
    "an old directory with a size",
    archive(member({ name: "d/", type: "\0", sizeField: pretends }), hidden),
    ["size-without-content"],
  ),
  row("L20e", "a file named like a directory", archive(file("d/")), ["file-with-slash"]),
  row("L20f", "a fifo with a size", archive(member({ name: "f", type: "6", sizeField: pretends }), hidden), [
    "size-without-content",
  ]),
  row("L21", "an unknown type", archive(member({ name: "z", type: "Z", data: "content" })), ["unknown-type"]),
  row("L21b", "a contiguous file", archive(member({ name: "z", type: "7", data: "content" })), ["unknown-type"]),
  row("L22", "a negative size", archive(member({ name: "x", sizeField: base256(-1n) })), "refused"),
  row("L22b", "a size in base 256", archive(member({ name: "x", data: "abc", sizeField: base256(3n) })), []),
  row(
    "L22c",
    "a size in base 256 with an unusual mark",
    archive(member({ name: "x", sizeField: Buffer.concat([Buffer.from([0x81]), Buffer.alloc(11)]) })),
    "refused",
  ),
  row("L22d", "a size behind a NUL", archive(member({ name: "x", data: "abc", sizeField: "\x000000000003\0" })), [
    "odd-number",
  ]),
  row(
    "L22e",
    "a size with letters",
    archive(member({ name: "x", data: "abc", sizeField: "0x000000003\0" })),
    "refused",
  ),
  row("L23", "a wrong checksum", archive(member({ name: "x", checksum: "wrong" })), "refused"),
  row("L23b", "a checksum of signed bytes", archive(member({ name: "\u00e9", data: "x", checksum: "signed" })), [
    "signed-checksum",
  ]),
  row("L24", "a last member cut short", file("x", "a".repeat(600)).subarray(0, 900), "refused"),
  row("L24b", "a header cut short", Buffer.concat([file("x"), file("y").subarray(0, 100)]), "refused"),
  row("L24c", "a last member without padding", file("x", "abc").subarray(0, 515), ["cut-padding"]),
  row("L25", "bytes behind the end", Buffer.concat([archive(file("x")), Buffer.from("more")]), ["data-after-end"]),
  row("L25b", "zeros behind the end", Buffer.concat([archive(file("x")), Buffer.alloc(8192)]), []),
  row(
    "L26a",
    "GNU's old sparse file",
    archive(member({ name: "s", type: "S", format: "gnu", data: Buffer.alloc(512), patch: [[483, "00000000512\0"]] })),
    "refused",
  ),
  row(
    "L26b",
    "a sparse file 0.1 of 8 TiB",
    archive(
      sparse(
        [
          ["GNU.sparse.size", "8796093022208"],
          ["GNU.sparse.numblocks", "1"],
          ["GNU.sparse.map", "0,3"],
          ["GNU.sparse.name", "s"],
        ],
        "abc",
      ),
    ),
    ["sparse-file"],
  ),
  row(
    "L26c",
    "a sparse file 1.0 of 8 KiB",
    archive(
      sparse(
        [
          ["GNU.sparse.major", "1"],
          ["GNU.sparse.minor", "0"],
          ["GNU.sparse.realsize", "8192"],
          ["GNU.sparse.name", "s"],
        ],
        Buffer.concat([Buffer.from("1\n0\n3\n".padEnd(512, "\0")), Buffer.from("abc")]),
      ),
    ),
    ["sparse-file"],
  ),
  row(
    "L26d",
    "a sparse file 0.0 of 8 KiB",
    archive(
      sparse(
        [
          ["GNU.sparse.size", "8192"],
          ["GNU.sparse.numblocks", "1"],
          ["GNU.sparse.offset", "0"],
          ["GNU.sparse.numbytes", "3"],
        ],
        "abc",
      ),
    ),
    ["sparse-file"],
  ),
  row(
    "L27a",
    "a pax record that lies about its length",
    archive(member({ name: "p", type: "x", data: "99 path=x\n" }), file("x")),
    "refused",
  ),
  row("L27b", "a pax header of 1 GiB", archive(member({ name: "p", type: "x", sizeField: "10000000000\0" })), "limit"),
  row(
    "L27c",
    "a pax record without a newline",
    archive(member({ name: "p", type: "x", data: "9 path=xx" }), file("x")),
    "refused",
  ),
  row(
    "L27d",
    "zeros behind the pax records",
    archive(
      member({ name: "p", type: "x", data: Buffer.concat([paxRecord("path", "y"), Buffer.alloc(9)]) }),
      file("x"),
    ),
    "refused",
  ),
  row("L27e", "an extended header at the end", archive(file("x"), pax([["path", "y"]])), ["extension-without-entry"]),
  row("L28a", "a block device", archive(member({ name: "sda", type: "4", device: [8, 0] })), []),
  row("L28b", "a character device", archive(member({ name: "mem", type: "3", device: [1, 1] })), []),
  row("L28c", "a fifo", archive(member({ name: "fifo", type: "6" })), []),
  row(
    "L28d",
    "the device that overlay takes for a deletion",
    archive(member({ name: "gone", type: "3", device: [0, 0] })),
    ["overlay-whiteout"],
  ),
  row("L29", "setuid, setgid and sticky", archive(member({ name: "su", data: "x", mode: 0o7755 })), []),
  row(
    "L30a",
    "capabilities on a file",
    archive(
      pax([["SCHILY.xattr.security.capability", Buffer.from("0100000200200000000000000000000000000000", "hex")]]),
      file("ping"),
    ),
    [],
  ),
  row("L30b", "an overlay attribute", archive(pax([["SCHILY.xattr.trusted.overlay.opaque", "y"]]), folder("d")), [
    "overlay-xattr",
  ]),
  row("L30c", "an overlay redirect", archive(pax([["SCHILY.xattr.trusted.overlay.redirect", "/etc"]]), folder("d")), [
    "overlay-xattr",
  ]),
  row("L31a", "owner 2^31", archive(pax([["uid", "2147483648"]]), file("x")), []),
  row("L31b", "owner 2^32-1", archive(pax([["uid", "4294967295"]]), file("x")), ["odd-owner"]),
  row("L31c", "a negative owner", archive(pax([["uid", "-1"]]), file("x")), ["odd-owner"]),
  row("L31d", "owner 2^32", archive(pax([["gid", "4294967296"]]), file("x")), ["odd-owner"]),
  row("L32", "all mode bits", archive(member({ name: "x", mode: 0o107777 })), []),
  row("L33a", "names that differ in their normal form", archive(file("\u00e9"), file("e\u0301")), []),
  row("L33b", "names that differ in case", archive(file("x"), file("X")), []),
  row(
    "L33c",
    "control characters, escapes, right-to-left",
    archive(file("a\nb"), file("\x1b[31mred"), file("\u202egpj.exe")),
    [],
  ),
  row(
    "L38b",
    "a prefix in a header without magic",
    archive(member({ name: "x", data: "x", format: "v7", prefix: "pre" })),
    ["prefix-by-format"],
  ),
  row("L38c", "a prefix as posix has it", archive(member({ name: "x", data: "x", prefix: "pre/fix" })), []),
  row(
    "L38d",
    "an odd version of posix",
    archive(member({ name: "x", data: "x", format: "ustar\0  ", prefix: "pre" })),
    ["prefix-by-format"],
  ),
  row(
    "L38e",
    "Go's old prefix in a GNU header",
    archive(member({ name: "x", data: "x", format: "gnu", prefix: "pre" })),
    ["prefix-by-format"],
  ),
  row(
    "L38f",
    "a prefix as star has it",
    archive(
      member({
        name: "x",
        data: "x",
        format: "star",
        prefix: "pre",
        patch: [
          [476, "00000000000\0"],
          [488, "00000000000\0"],
        ],
      }),
    ),
    [],
  ),
];

function sparse(records: readonly (readonly [string, string])[], data: string | Buffer): Buffer {
  return Buffer.concat([pax(records), member({ name: "GNUSparseFile.0/s", data })]);
}
