// Names of the users and groups of this host, from its files; read again when a file changes.
// Directories behind nsswitch (LDAP, SSSD) are other providers' business: a caller never waits for a network here.

import { readFileSync, statSync } from "node:fs";
import { errorText, PlimsollError } from "../base/errors.ts";

export interface Accounts {
  /** `alice`; `#1234` when no line has the number. */
  userName(uid: number): string;
  groupName(gid: number): string;
}

/** @throws PlimsollError NOT_AUTHENTICATED from the look-ups, when a file cannot be read */
export function openAccounts(passwdFile: string = "/etc/passwd", groupFile: string = "/etc/group"): Accounts {
  const users = openNames(passwdFile);
  const groups = openNames(groupFile);
  return {
    userName: (uid) => users().get(uid) ?? `#${uid}`,
    groupName: (gid) => groups().get(gid) ?? `#${gid}`,
  };
}

type Names = ReadonlyMap<number, string>;

function openNames(file: string): () => Names {
  let version = "";
  let names: Names = new Map();
  return () => {
    try {
      const { mtimeNs, ino, size } = statSync(file, { bigint: true });
      const found = `${ino} ${size} ${mtimeNs}`;
      if (found !== version) {
        names = parseNames(readFileSync(file, "utf8"));
        version = found;
      }
      return names;
    } catch (cause) {
      throw new PlimsollError("NOT_AUTHENTICATED", `${file}: cannot be read: ${errorText(cause)}`, {
        hint: `make ${file} readable for the user that Plimsoll runs as`,
        cause,
      });
    }
  };
}

/**
 * `name:password:number:...` lines, of passwd(5) and group(5) alike. The first line of a number wins, as in libc.
 * Names that a policy could misread (`#0`, control characters, NIS entries) count as no name.
 */
export function parseNames(text: string): Names {
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [name = "", , number = ""] = line.split(":");
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.@$-]{0,255}$/.test(name) || !/^\d{1,10}$/.test(number)) continue;
    if (!names.has(Number(number))) names.set(Number(number), name);
  }
  return names;
}
