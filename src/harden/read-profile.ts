// The text of a profile file -> a profile, or the first mistake in it. Strict: a key that is not known is a protection that somebody
// believes in and does not have.

import { errorText, PlimsollError } from "../base/errors.ts";
import { decodeJson } from "../base/json.ts";
import { isFields } from "../base/reading.ts";
import { parseReference, readImageId, repositoryOf, tagOf } from "../base/reference.ts";
import {
  anything,
  array,
  boolean,
  type Decoded,
  decode,
  exactObject,
  integer,
  literal,
  optional,
  string,
} from "../base/schema.ts";
import { readStrictYaml } from "../base/strict-yaml.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { Profile } from "../model/profile.ts";
import { canonicalCapability, knownCapabilities } from "./capabilities.ts";

const hint = "correct the profile; docs/profiles.md describes every key";

const level = literal("off", "detect", "block");
const permit = exactObject({ to: string, port: optional(integer) });

const shape = exactObject({
  name: string,
  images: array(string),
  capabilities: optional(array(string)),
  seccomp: optional(anything),
  apparmor: optional(string),
  selinux: optional(exactObject({ type: optional(string), level: optional(string) })),
  noNewPrivileges: optional(boolean),
  readOnlyRoot: optional(exactObject({ writable: array(string) })),
  user: optional(string),
  pidsLimit: optional(integer),
  memory: optional(anything),
  runtime: optional(string),
  userNamespace: optional(boolean),
  protections: optional(
    exactObject({
      drift: optional(level),
      memory: optional(level),
      escape: optional(level),
      "host-paths": optional(level),
      network: optional(level),
      malware: optional(level),
      mining: optional(level),
    }),
  ),
  connect: optional(array(permit)),
  bind: optional(array(permit)),
});

export type ProfileSource = {
  /** The path, for messages. */
  readonly file: string;
  readonly text: string;
  /** Reads a file that the profile names (seccomp), relative to it. */
  readonly readFile: (name: string) => Uint8Array;
};

/** @throws PlimsollError CONFIG_INVALID that names file, place and what was expected */
export function readProfile(source: ProfileSource): Profile {
  const found = decode(shape, readStrictYaml(source.text, { code: "CONFIG_INVALID", where: source.file, hint }), {
    code: "CONFIG_INVALID",
    where: source.file,
    hint,
  });
  if (!/^[a-z0-9][a-z0-9_.-]{0,62}$/.test(found.name))
    throw wrong(source, "name: expected lower-case letters, digits, dots and dashes");
  const { capabilities, seccomp, memory, readOnlyRoot, connect, bind, images, ...more } = found;
  const { noNewPrivileges, userNamespace, ...others } = more;
  return {
    ...others,
    file: source.file,
    images: images.map((image) => readImage(image, source)),
    ...(noNewPrivileges === true ? { noNewPrivileges } : {}),
    ...(userNamespace === true ? { userNamespace } : {}),
    ...(capabilities === undefined ? {} : { capabilities: capabilities.map((name) => readCapability(name, source)) }),
    ...(seccomp === undefined ? {} : { seccomp: readSeccomp(seccomp, source) }),
    ...(memory === undefined ? {} : { memory: readMemory(memory, source) }),
    ...(readOnlyRoot === undefined ? {} : { readOnlyRoot: readWritable(readOnlyRoot.writable, source) }),
    ...(connect === undefined ? {} : { connect: connect.map(readPermit) }),
    ...(bind === undefined ? {} : { bind: bind.map(readPermit) }),
    ...(found.pidsLimit === undefined ? {} : { pidsLimit: positive(found.pidsLimit, "pidsLimit", source) }),
  };
}

/** Names are kept in full: `nginx` is docker.io/library/nginx, with any tag. */
function readImage(text: string, source: ProfileSource): string {
  if (text === "*") return text;
  const id = readImageId(text);
  if (id !== undefined) return id;
  try {
    const reference = parseReference(text);
    if (reference.digest !== undefined)
      throw wrong(source, `images: ${text}: name the image's id, not a digest of a registry`);
    return reference.tag === undefined ? repositoryOf(reference) : tagOf(reference);
  } catch (cause) {
    throw wrong(source, `images: ${errorText(cause)}`);
  }
}

function readCapability(text: string, source: ProfileSource): string {
  const name = canonicalCapability(text);
  if (knownCapabilities.includes(name)) return name;
  throw wrong(source, `capabilities: ${JSON.stringify(text)} is no capability`);
}

/** A filter written here, or the name of a file that holds one. */
function readSeccomp(value: unknown, source: ProfileSource): JsonObject {
  const bytes = typeof value === "string" ? readBeside(value, source) : new TextEncoder().encode(JSON.stringify(value));
  const filter = decodeFilter(bytes, source);
  if (isObject(filter) && typeof filter["defaultAction"] === "string") return filter;
  throw wrong(source, "seccomp: expected a filter with a defaultAction, or the name of a file with one");
}

function decodeFilter(bytes: Uint8Array, source: ProfileSource): JsonValue {
  try {
    return decodeJson(bytes);
  } catch (cause) {
    throw wrong(source, `seccomp: ${errorText(cause)}`);
  }
}

function readBeside(name: string, source: ProfileSource): Uint8Array {
  try {
    return source.readFile(name);
  } catch (cause) {
    throw wrong(source, `seccomp: ${errorText(cause)}`);
  }
}

const units: Readonly<Record<string, number>> = { "": 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, MB: 1e6, GB: 1e9 };
/** The engine takes no less. */
const leastMemory = 6 * 2 ** 20;

function readMemory(value: unknown, source: ProfileSource): number {
  const [, digits, unit = ""] = /^(\d{1,15})\s*([KMG]i?B)?$/.exec(String(value)) ?? [];
  const bytes = Number(digits) * (units[unit] ?? Number.NaN);
  if (Number.isSafeInteger(bytes) && bytes >= leastMemory) return bytes;
  throw wrong(source, "memory: expected a size such as 512 MiB, at least 6 MiB");
}

function readWritable(paths: readonly string[], source: ProfileSource): { readonly writable: readonly string[] } {
  const odd = paths.find((path) => !path.startsWith("/") || /[\0:]|\/\.{0,2}(?:\/|$)/.test(path));
  if (odd === undefined) return { writable: paths };
  throw wrong(
    source,
    `readOnlyRoot.writable: expected absolute paths without a slash at the end, found ${JSON.stringify(odd)}`,
  );
}

function readPermit({ to, port }: Decoded<typeof permit>): { readonly to: string; readonly port: number } {
  return { to, port: port ?? 0 };
}

function positive(value: number, key: string, source: ProfileSource): number {
  if (value > 0) return value;
  throw wrong(source, `${key}: expected a number above 0`);
}

function wrong({ file }: ProfileSource, what: string): PlimsollError {
  return new PlimsollError("CONFIG_INVALID", `${file}: ${what}`, { hint });
}

function isObject(value: JsonValue): value is JsonObject {
  return isFields(value);
}
