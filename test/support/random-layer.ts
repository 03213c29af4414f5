// Layers made by chance, from the parts that readers disagree on and from plain ones; the same seed makes the same layer.

import {
  archive,
  base256,
  endMark,
  file,
  folder,
  gnuLong,
  hardlink,
  type Member,
  member,
  pax,
  symlink,
  zeroBlock,
} from "./hostile-tar.ts";

/** A small generator of numbers below a bound. Source: mulberry32. */
export function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Dice = (below: number) => number;

const plainNames = ["a", "b", "c", "d", "e", "a/x", "a/y", "b/x", "c/d/e", "d/d", "long-name", "\u00e9t\u00e9", "X"];
const oddNames = [
  "./a",
  "a//x",
  "a/./y",
  "/a",
  "../b",
  "a/../c",
  "a/",
  "a//",
  ".",
  ".wh.a",
  "a/.wh.x",
  "a/.wh..wh..opq",
  ".wh..wh..opq",
  ".wh.",
  ".wh..wh.plnk/1",
  "b/.wh.x/y",
];
const magics = ["posix", "posix", "posix", "gnu", "v7", "star", "ustar\0  ", "ustar  0"];
const oddSizes: readonly (string | Buffer)[] = [
  "00000001000\0",
  "00000000000\0",
  "           1",
  "\x000000000001\0",
  "777777777777",
  "1          \0",
  base256(1n),
  base256(512n),
  base256(-1n),
];
const paxKeys = [
  "path",
  "linkpath",
  "size",
  "uid",
  "gid",
  "mtime",
  "comment",
  "GNU.sparse.name",
  "SCHILY.xattr.user.x",
];
const paxValues = ["a", "b/x", "", "0", "3", "512", "1024", "-1", "1.5", "c/../d", "4294967295", "\u00e9"];

export function randomLayer(seed: number): Buffer {
  const dice = chance(seed);
  const isWild = dice(2) === 0;
  const members = Array.from({ length: 1 + dice(8) }, () =>
    isWild && dice(3) === 0 ? oddPart(dice) : plainPart(dice),
  );
  const whole = dice(10) === 0 ? Buffer.concat(members) : archive(...members);
  if (!isWild || dice(8) > 0) return whole;
  return dice(2) === 0
    ? whole.subarray(0, dice(whole.length))
    : Buffer.concat([whole, Buffer.alloc(dice(2000), dice(2))]);
}

function plainPart(dice: Dice): Buffer {
  const name = pick(dice, plainNames);
  switch (dice(8)) {
    case 0:
      return folder(name);
    case 1:
      return symlink(name, pick(dice, plainNames));
    case 2:
      return hardlink(name, pick(dice, plainNames));
    case 3:
      return Buffer.concat([pax([["path", `${name}-${"p".repeat(dice(150))}`]]), file("short")]);
    case 4:
      return Buffer.concat([
        gnuLong("L", `${name}-${"g".repeat(dice(150))}`),
        member({ name: "short", format: "gnu" }),
      ]);
    case 5:
      return member({ name, data: "d".repeat(dice(1500)), mode: dice(0o10000), uid: dice(70_000), gid: dice(70_000) });
    default:
      return file(`${name}-${dice(6)}`);
  }
}

function oddPart(dice: Dice): Buffer {
  switch (dice(9)) {
    case 0:
      return pax([[pick(dice, paxKeys), pick(dice, paxValues)]], pick(dice, ["x", "x", "x", "g"]));
    case 1:
      return pax([
        [pick(dice, paxKeys), pick(dice, paxValues)],
        [pick(dice, paxKeys), pick(dice, paxValues)],
      ]);
    case 2:
      return gnuLong(pick(dice, ["L", "K"]), pick(dice, [...plainNames, ...oddNames]));
    case 3:
      return pick(dice, [zeroBlock, endMark, Buffer.alloc(512, 1)]);
    case 4:
      return scratched(dice, member(oddMember(dice)));
    case 5:
      return member({ ...oddMember(dice), sizeField: pick(dice, oddSizes) });
    default:
      return member(oddMember(dice));
  }
}

function oddMember(dice: Dice): Member {
  return {
    name: pick(dice, [...plainNames, ...oddNames]),
    type: pick(dice, ["0", "0", "0", "\0", "1", "2", "3", "4", "5", "6", "7", "S", "V", "Z"]),
    data: dice(2) === 0 ? "" : "o".repeat(dice(700)),
    link: pick(dice, [...plainNames, ...oddNames, ""]),
    format: pick(dice, magics),
    mtime: dice(2 ** 31),
    device: [dice(3), dice(3)],
    prefix: dice(3) === 0 ? pick(dice, plainNames) : "",
    checksum: pick(dice, ["right", "right", "right", "right", "signed", "wrong"]),
    mode: dice(2 ** 18),
  };
}

/** One byte of the header is another, and the checksum is right again. */
function scratched(dice: Dice, whole: Buffer): Buffer {
  const copy = Buffer.from(whole);
  const at = dice(512);
  copy[at] = dice(256);
  copy.fill(" ", 148, 156);
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return copy;
}

function pick<T>(dice: Dice, from: readonly T[]): T {
  const found = from[dice(from.length)];
  if (found === undefined) throw new Error("nothing to pick from");
  return found;
}
