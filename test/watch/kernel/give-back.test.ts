// Memory that goes back to the system: only pages that are the same in their file, or the next look at them would find others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanFileAreas } from "../../../src/watch/kernel/give-back.ts";

type Fields = { readonly dirty?: number; readonly anonymous?: number; readonly swap?: number; readonly rss?: number };

function area(head: string, { dirty = 0, anonymous = 0, swap = 0, rss = 4096 }: Fields = {}): string {
  const fields = { Rss: rss, Pss: rss, Private_Dirty: dirty, Anonymous: anonymous, Swap: swap };
  return `${head}\n${Object.entries(fields)
    .map(([name, kilobytes]) => `${`${name}:`.padEnd(16)}${String(kilobytes).padStart(8)} kB\n`)
    .join("")}VmFlags: rd mr mw me\n`;
}

test("code and constants of files go back; what was written, what has no file, and what others share with us stay", () => {
  const smaps = [
    area("00400000-00c00000 r--p 00000000 fe:00 1234                       /opt/a name/node"),
    area("00c00000-02c00000 r-xp 00800000 fe:00 1234                       /opt/a name/node"),
    area("02c00000-02d00000 r--p 02800000 fe:00 1234                       /opt/a name/node", { dirty: 8 }),
    area("02d00000-02e00000 r--p 02900000 fe:00 1234                       /opt/a name/node", { anonymous: 4 }),
    area("02e00000-02f00000 r--p 02900000 fe:00 1234                       /opt/a name/node", { swap: 4 }),
    area("02f00000-03000000 rw-p 02a00000 fe:00 1234                       /opt/a name/node"),
    area("03000000-03100000 r-xp 00000000 fe:00 99                         /lib/small.so", { rss: 12 }),
    area("0a000000-0b000000 rw-p 00000000 00:00 0                          [heap]"),
    area("7f0000000000-7f0000100000 r--p 00000000 00:00 0 "),
    area("7f0000100000-7f0000d00000 r--s 00001000 00:0f 12                 anon_inode:bpf-map"),
    area("7ffff0000000-7ffff0100000 r-xp 00000000 00:00 0                  [vdso]"),
  ];
  assert.deepEqual(cleanFileAreas(smaps.join("")), [
    { start: 0x400000n, length: 0x800000n },
    { start: 0xc00000n, length: 0x2000000n },
  ]);
});
