// Which users of this host may open a socket, from its mode and that of the folders above it.
// Source: unix(7): connecting needs write permission on the socket and search permission on its folders.

import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { openAccounts } from "../../identity/accounts.ts";

export type SocketAccess = { readonly access: string; readonly users: readonly string[] };

const everybody = "every user of this host";
/** Longer lists are cut: one screen. */
const maxNames = 12;

/** @returns undefined when it cannot be looked at */
export function accessOf(path: string, files: AccountFiles = systemFiles): SocketAccess | undefined {
  try {
    const { mode, uid, gid } = statSync(path);
    const accounts = openAccounts(files.passwd, files.group);
    const bits = (mode & 0o777).toString(8).padStart(4, "0");
    const access = `${accounts.userName(uid)}:${accounts.groupName(gid)} ${bits}`;
    if ((mode & 0o002) !== 0 && isReachableByAll(path)) return { access, users: [everybody] };
    const owner = (mode & 0o200) !== 0 && uid !== 0 ? [accounts.userName(uid)] : [];
    const members = (mode & 0o020) !== 0 ? membersOf(gid, files) : [];
    const users = [...new Set([...owner, ...members])].filter((name) => name !== "root").sort();
    return { access, users: shorten(users) };
  } catch {
    return undefined;
  }
}

export type AccountFiles = { readonly passwd: string; readonly group: string };
const systemFiles: AccountFiles = { passwd: "/etc/passwd", group: "/etc/group" };

/** Members by /etc/group, and users whose primary group it is. */
function membersOf(gid: number, files: AccountFiles): readonly string[] {
  const listed = linesOf(files.group)
    .filter((fields) => Number(fields[2]) === gid && fields[2] !== "")
    .flatMap((fields) => (fields[3] ?? "").split(",").filter((name) => name !== ""));
  const primary = linesOf(files.passwd)
    .filter((fields) => Number(fields[3]) === gid && fields[3] !== "")
    .map((fields) => fields[0] ?? "");
  return [...listed, ...primary];
}

function linesOf(file: string): readonly (readonly string[])[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":"));
}

function isReachableByAll(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function shorten(users: readonly string[]): readonly string[] {
  return users.length <= maxNames ? users : [...users.slice(0, maxNames), `${users.length - maxNames} more`];
}
