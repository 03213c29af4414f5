// In a user namespace the kernel shows every user that has no number there as one: nobody. That one is no caller.
// Source: user_namespaces(7), "Unmapped user and group IDs".

import { readFileSync } from "node:fs";
import { lazily } from "../base/lazily.ts";

/** False when a uid may stand for any of several users. */
export function isMappedUid(uid: number): boolean {
  return uid !== ownMap().overflowUid;
}

/** What our namespace maps never changes once it is written. */
const ownMap = lazily(() => {
  const map = readFileSync("/proc/self/uid_map", "utf8");
  const mapsAll = /^\s*0\s+0\s+4294967295\s*$/.test(map);
  return { overflowUid: mapsAll ? -1 : Number(readFileSync("/proc/sys/kernel/overflowuid", "utf8")) };
});
