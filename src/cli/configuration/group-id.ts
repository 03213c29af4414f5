// The number of a group of this host, from its file.

import { readFileSync } from "node:fs";
import { parseNames } from "../../identity/accounts.ts";

export function findGroupId(name: string, groupFile: string = "/etc/group"): number | undefined {
  try {
    for (const [gid, found] of parseNames(readFileSync(groupFile, "utf8"))) if (found === name) return gid;
    return undefined;
  } catch {
    return undefined; // a host without the file has no groups by name
  }
}
