// Hostile layers whose names, links and whiteouts lead astray. The letters are those of docs/images.md.

import { type HostileLayer, row } from "./hostile-row.ts";
import { archive, file, folder, hardlink, member, pax, symlink } from "./hostile-tar.ts";

const passwd = file("etc/passwd", "root:x:0:0::/:/bin/sh\n");

export const hostilePaths: readonly HostileLayer[] = [
  row("L1", "a name above the root", archive(file("../x")), ["dot-dot"]),
  row("L2", "an absolute name", archive(file("/etc/x")), ["absolute-path"]),
  row("L3", "a name that climbs in its middle", archive(folder("a"), file("a/../../x")), ["dot-dot"]),
  row("L3b", "a name that climbs and comes back", archive(folder("a"), file("a/../b")), ["dot-dot"]),
  row(
    "L3c",
    "more slashes than one needs",
    archive(member({ name: "a//", type: "5" }), member({ name: ".//b///", type: "5" }), file("a//x")),
    [],
  ),
  row(
    "L4",
    "a file below a symlink of the same layer",
    archive(folder("real"), symlink("link", "real"), file("link/x")),
    ["below-link"],
  ),
  row("L4b", "a file below a symlink to the host", archive(symlink("link", "/etc"), file("link/x")), ["below-link"]),
  row("L5", "a chain of symlinks", archive(folder("d"), symlink("a", "d"), symlink("b", "a"), file("b/x")), [
    "below-link",
  ]),
  row(
    "L6",
    "a hard link to a symlink, and a file below it",
    archive(folder("d"), symlink("a", "d"), hardlink("b", "a"), file("b/x")),
    ["below-link"],
  ),
  row("L6b", "a hard link to a symlink", archive(file("d"), symlink("a", "d"), hardlink("b", "a")), []),
  row(
    "L6c",
    "a hard link that makes its file setuid",
    archive(file("x"), member({ name: "y", type: "1", link: "x", mode: 0o4755 })),
    ["hardlink-metadata"],
  ),
  row(
    "L6d",
    "a hard link that gives its file capabilities",
    archive(file("x"), pax([["SCHILY.xattr.security.capability", "all"]]), hardlink("y", "x")),
    ["hardlink-metadata"],
  ),
  row("L7", "a hard link to an absolute path", archive(passwd, hardlink("x", "/etc/passwd")), ["link-outside"]),
  row("L7b", "a hard link out of the layer", archive(passwd, hardlink("x", "../../etc/passwd")), ["link-outside"]),
  row("L7c", "a hard link below a symlink", archive(passwd, symlink("e", "etc"), hardlink("x", "e/passwd")), [
    "below-link",
  ]),
  row("L8", "a whiteout below a symlink", archive(folder("d"), symlink("l", "d"), file("l/.wh.x", "")), ["below-link"]),
  row("L9a", "a whiteout of nothing", archive(folder("d"), file("d/.wh.", "")), ["odd-whiteout"]),
  row("L9b", "a whiteout of its own directory", archive(folder("d"), file("d/.wh..", "")), ["odd-whiteout"]),
  row("L9c", "a whiteout of the parent directory", archive(folder("d"), file("d/.wh...", "")), ["odd-whiteout"]),
  row("L9d", "a whiteout of a whiteout", archive(folder("d"), file("d/.wh..wh.x", "")), ["odd-whiteout"]),
  row("L9e", "a whiteout that is a directory", archive(member({ name: ".wh.x/", type: "5" })), ["odd-whiteout"]),
  row("L9f", "a file below a whiteout", archive(file(".wh.x", ""), file(".wh.x/y")), ["below-whiteout"]),
  row("L9g", "made, then deleted", archive(file("x"), file(".wh.x", "")), ["whiteout-and-entry"]),
  row("L9h", "deleted, then made a directory", archive(file(".wh.x", ""), folder("x")), ["whiteout-and-entry"]),
  row("L9i", "a directory whose content is deleted above it", archive(folder("d"), file("d/x"), file(".wh.d", "")), [
    "whiteout-and-entry",
  ]),
  row("L9j", "a whiteout alone", archive(folder("d"), file("d/.wh.x", "")), []),
  row("L10", "an opaque mark with content", archive(folder("d"), file("d/.wh..wh..opq", "data")), ["odd-whiteout"]),
  row(
    "L10b",
    "an opaque mark behind its directory's entries",
    archive(folder("d"), file("d/x"), file("d/.wh..wh..opq", "")),
    ["late-opaque"],
  ),
  row("L10c", "an opaque root", archive(file(".wh..wh..opq", "")), ["opaque-root"]),
  row("L10d", "an opaque mark in its place", archive(folder("d"), file("d/.wh..wh..opq", ""), file("d/x")), []),
  row("L11", "aufs names", archive(folder(".wh..wh.plnk"), file(".wh..wh.plnk/1.2")), [
    "below-whiteout",
    "odd-whiteout",
  ]),
  row(
    "L11b",
    "a hard link into an aufs directory",
    archive(file(".wh..wh.plnk/1.2"), hardlink("x", ".wh..wh.plnk/1.2")),
    ["below-whiteout"],
  ),
  row("L12", "one path twice", archive(file("x", "first"), file("x", "second")), ["duplicate-path"]),
  row("L12b", "one path twice, spelled differently", archive(file("a/x", "first"), file("a//./x", "second")), [
    "duplicate-path",
  ]),
  row("L12c", "a directory twice", archive(folder("d"), folder("d")), ["duplicate-path"]),
  row("L12d", "a file in the place of a directory with content", archive(file("d/x"), file("d")), [
    "replaces-directory",
  ]),
  row("L12e", "a file below a file", archive(file("d"), file("d/x")), ["below-file"]),
  row(
    "L12f",
    "a symlink in the place of a directory with content",
    archive(file("d/x"), symlink("d", "etc"), file("d/y")),
    ["below-link", "replaces-directory"],
  ),
  row(
    "L33d",
    "bytes that are not UTF-8",
    archive(
      member({ name: Buffer.from([0x66, 0xff, 0x6f]), data: "x" }),
      member({ name: Buffer.from([0x66, 0xfe, 0x6f]), data: "y" }),
    ),
    [],
  ),
  row("L33e", "a trailing dot and a trailing space", archive(file("x."), file("x "), file("x")), []),
  row("L33f", "a name of 5000 bytes", archive(pax([["path", "n".repeat(5000)]]), file("x")), "limit"),
  row("L35", "300 directories in one another", archive(pax([["path", `${"d/".repeat(300)}x`]]), file("x")), "limit"),
  row("L36a", "a time in the year 9999", archive(pax([["mtime", "253402300799.5"]]), file("x")), []),
  row("L36b", "a time before 1970", archive(pax([["mtime", "-1"]]), file("x")), []),
  row("L36c", "a time that is none", archive(pax([["mtime", "tomorrow"]]), file("x")), "refused"),
  row("L37", "a hard link is no file", archive(file("x"), hardlink("y", "x")), []),
  row(
    "L38a",
    "a prefix in a GNU header",
    archive(member({ name: "x", data: "x", format: "gnu", prefix: "00000000001\0" })),
    ["prefix-by-format"],
  ),
  row("L39a", "the root as a file", archive(file(".")), ["odd-root"]),
  row("L39b", "the root as a directory", archive(folder("."), file("x")), []),
];
