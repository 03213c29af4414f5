// One entry of `listeners`: where it listens, who is known there, and what judges.

import { isAbsolute } from "node:path";
import { never } from "../../base/errors.ts";
import type { ListenerConfiguration, ListenerEndpoint, NetworkAddress } from "./configuration.ts";
import { defaultIdentity } from "./defaults.ts";
import { readChoice, readKeys, readList, readText, type Setting, wrong } from "./setting.ts";

const keys = [
  "name",
  "unix",
  "tls",
  "authz-plugin",
  "fd",
  "fileMode",
  "group",
  "mode",
  "policies",
  "unknownFields",
  "identity",
  "owner",
  "cert",
  "key",
  "ca",
  "pins",
] as const;

type Keys = { readonly [key in (typeof keys)[number]]?: Setting };

/** Number of a group of this host; undefined when there is none. */
type GroupId = (name: string) => number | undefined;

/** @throws PlimsollError CONFIG_INVALID */
export function readListener(setting: Setting, groupId: GroupId): ListenerConfiguration {
  const found = readKeys(setting, keys);
  if (found.name === undefined) throw wrong(setting, "a listener with a name");
  const name = readName(found.name);
  const endpoint = readEndpoint(setting, found, groupId);
  return {
    name,
    endpoint,
    fdName: found.fd === undefined ? name : readName(found.fd),
    mode: found.mode === undefined ? "auto" : readChoice(found.mode, ["auto", "observe", "warn", "enforce"]),
    policies: found.policies === undefined ? ["baseline"] : readList(found.policies, readText),
    unknownFields: found.unknownFields === undefined ? "refuse" : readChoice(found.unknownFields, ["refuse", "drop"]),
    identity: found.identity === undefined ? defaultIdentity[endpoint.transport] : readList(found.identity, readText),
    ...(found.owner === undefined ? {} : { owner: readText(found.owner) }),
    pins: found.pins === undefined ? [] : readList(found.pins, readPin),
  };
}

function readEndpoint(setting: Setting, found: Keys, groupId: GroupId): ListenerEndpoint {
  const kinds = (["unix", "tls", "authz-plugin"] as const).filter((kind) => found[kind] !== undefined);
  const [transport, another] = kinds;
  if (transport === undefined || another !== undefined) throw wrong(setting, "exactly one of unix, tls, authz-plugin");
  switch (transport) {
    case "unix":
    case "authz-plugin": {
      refuseKeys(found, ["cert", "key", "ca", "pins"], `only with tls, this listener has ${transport}`);
      return readSocketFile(setting, found, transport, groupId);
    }
    case "tls":
      refuseKeys(found, ["fileMode", "group"], "only with unix or authz-plugin, this listener has tls");
      return {
        transport,
        address: readAddress(required(setting, found, "tls")),
        certificateFile: readPath(required(setting, found, "cert")),
        keyFile: readPath(required(setting, found, "key")),
        clientAuthorityFile: readPath(required(setting, found, "ca")),
      };
    default:
      return never(transport);
  }
}

function readSocketFile(
  setting: Setting,
  found: Keys,
  transport: "unix" | "authz-plugin",
  groupId: GroupId,
): ListenerEndpoint {
  const path = readSocketPath(required(setting, found, transport));
  const fileMode = found.fileMode === undefined ? 0o660 : readFileMode(found.fileMode);
  if (found.group === undefined) return { transport, path, fileMode };
  const gid = groupId(readText(found.group));
  if (gid === undefined) throw wrong(found.group, "a group of this host");
  return { transport, path, fileMode, gid };
}

function required(setting: Setting, found: Keys, key: keyof Keys): Setting {
  const value = found[key];
  if (value === undefined) throw wrong(setting, `a listener with ${key}`);
  return value;
}

function refuseKeys(found: Keys, unwanted: readonly (keyof Keys)[], why: string): void {
  for (const key of unwanted) {
    const setting = found[key];
    if (setting !== undefined) throw wrong(setting, `no ${key} here: ${why}`);
  }
}

function readName(setting: Setting): string {
  const name = readText(setting);
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) throw wrong(setting, "a name of lower-case letters, digits and dashes");
  return name;
}

/** @see unix(7): sun_path holds 108 bytes with its end */
function readSocketPath(setting: Setting): string {
  const path = readPath(setting);
  if (Buffer.byteLength(path) > 107) throw wrong(setting, "a socket path of at most 107 bytes");
  return path;
}

export function readPath(setting: Setting): string {
  const path = readText(setting);
  if (!isAbsolute(path) || path.includes("\0")) throw wrong(setting, "an absolute path");
  return path;
}

/** Octal, as text or as YAML's 0o660: `0660` would be six hundred and sixty. */
function readFileMode(setting: Setting): number {
  const text = readText(setting);
  if (!/^0[0-7]{3}$/.test(text)) throw wrong(setting, 'permission bits in quotes, "0660"');
  return Number.parseInt(text, 8);
}

/** `127.0.0.1:2376`, `[::1]:2376`. */
export function readAddress(setting: Setting): NetworkAddress {
  const text = readText(setting);
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[0-9A-Za-z.-]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) throw wrong(setting, "an address and a port, 127.0.0.1:2376");
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function readPin(setting: Setting): string {
  const pin = readText(setting);
  if (!/^[0-9a-f]{64}$/.test(pin)) throw wrong(setting, "a SHA-256 of a public key, 64 lower-case hex digits");
  return pin;
}
