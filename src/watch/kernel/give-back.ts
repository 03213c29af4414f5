// What starting took goes back to the system: memory that the C library would keep for calls that never come, and the pages of
// programs and libraries that only the start has looked at. Those are still in the page cache: what is needed comes back unread.
// Source: malloc_trim(3), madvise(2) MADV_DONTNEED, proc_pid_smaps(5).

import { readFileSync } from "node:fs";
import { openLibc } from "../../base/native/libc.ts";

/** By then rules are compiled, too. */
const laterMs = 5_000;
/** What is looked at now and then adds up. */
const againMs = 10 * 60_000;
const MADV_DONTNEED = 4;
const leastKilobytes = 256;

export function giveBackMemory(): { close(): void } {
  const timers: NodeJS.Timeout[] = [];
  try {
    const libc = openLibc();
    const trim = libc.declare("int malloc_trim(size_t pad)");
    const advise = libc.declare("int madvise(uintptr_t start, size_t length, int advice)");
    const giveBack = (): void => {
      trim(0);
      const areas = cleanFileAreas(readFileSync("/proc/self/smaps", "utf8"));
      for (const { start, length } of areas) advise(start, length, MADV_DONTNEED);
    };
    trim(0);
    timers.push(setTimeout(giveBack, laterMs).unref(), setInterval(giveBack, againMs).unref());
  } catch {
    // No glibc: others keep nothing.
  }
  return {
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

type Area = { readonly start: bigint; readonly length: bigint };

/** Of files, mapped to be read or executed, without a page that differs from its file. */
export function cleanFileAreas(smaps: string): readonly Area[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((text) => {
    const head = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ \d+ +\/\S/.exec(text);
    const kilobytes = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text)?.[1] ?? -1);
    const isClean = kilobytes("Private_Dirty") === 0 && kilobytes("Anonymous") === 0 && kilobytes("Swap") === 0;
    if (head === null || !isClean || kilobytes("Rss") < leastKilobytes) return [];
    const [start, end] = [BigInt(`0x${head[1]}`), BigInt(`0x${head[2]}`)];
    return [{ start, length: end - start }];
  });
}
