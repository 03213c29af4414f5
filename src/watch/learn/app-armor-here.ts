// Whether this kernel confines by AppArmor: a profile that names one would keep containers from starting elsewhere.

import { readFileSync } from "node:fs";

export function isAppArmorHere(): boolean {
  try {
    return readFileSync("/sys/module/apparmor/parameters/enabled", "utf8").startsWith("Y");
  } catch {
    return false;
  }
}
