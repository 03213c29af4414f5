// The folder of profiles, read whole: one mistake keeps the last good set. Read again with the policies.

import { closeSync, fstatSync, openSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { errorText, PlimsollError } from "../base/errors.ts";
import { readProfile } from "../harden/read-profile.ts";
import type { Profile } from "../model/profile.ts";

export interface ContainerProfiles {
  readonly current: () => readonly Profile[];
  /** @throws PlimsollError CONFIG_INVALID; the last good profiles stay in force */
  reload(): void;
}

const hint = "docs/profiles.md describes profiles";
const maxProfiles = 1000;
const maxFileBytes = 1024 * 1024;

/** @param isRequired the operator named the folder: it has to exist. @throws PlimsollError CONFIG_INVALID */
export function openContainerProfiles(folder: string, isRequired: boolean): ContainerProfiles {
  let profiles = readFolder(folder, isRequired);
  return {
    current: () => profiles,
    reload() {
      profiles = readFolder(folder, isRequired);
    },
  };
}

function readFolder(folder: string, isRequired: boolean): readonly Profile[] {
  const files = listFolder(folder, isRequired).filter((name) => /\.ya?ml$/.test(name));
  if (files.length > maxProfiles)
    throw new PlimsollError("CONFIG_INVALID", `${folder}: ${files.length} profiles, at most ${maxProfiles}`, { hint });
  const profiles = files.sort().map((name) => readFile(join(folder, name)));
  const names = profiles.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice === undefined) return profiles;
  throw new PlimsollError("CONFIG_INVALID", `${folder}: two profiles are called ${twice}`, { hint });
}

function listFolder(folder: string, isRequired: boolean): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (!isRequired && cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
    throw new PlimsollError("CONFIG_INVALID", `${folder}: cannot be read: ${errorText(cause)}`, { hint, cause });
  }
}

function readFile(file: string): Profile {
  try {
    const folder = realpathSync(dirname(file));
    return readProfile({
      file,
      text: readBounded(file).toString("utf8"),
      readFile(name) {
        const beside = resolve(folder, name);
        if (!beside.startsWith(folder + sep)) throw new Error(`${name} is not in the folder of the profile`);
        return readBounded(beside);
      },
    });
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw new PlimsollError("CONFIG_INVALID", `${file}: cannot be read: ${errorText(cause)}`, { hint, cause });
  }
}

function readBounded(file: string): Buffer {
  const fd = openSync(file, "r");
  try {
    const { size } = fstatSync(fd);
    if (size > maxFileBytes) throw new Error(`${file} has more than ${maxFileBytes} bytes`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}
