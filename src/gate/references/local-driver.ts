// What the options of the engine's local volume driver make it mount: they go to mount(2) almost as they are.
// Source: moby/moby, volume/local/local_unix.go; moby/sys/mount, flags_linux.go.

import { fieldsAt, textAt } from "../../base/reading.ts";

/** Options of a tmpfs that change its size and rights, and nothing else. */
const tmpfsOption =
  /^(?:(?:size|nr_blocks|nr_inodes|mode|uid|gid)=[0-9a-zA-Z%]*|r[ow]|no(?:dev|suid|exec|atime|diratime)|relatime|strictatime|exec|suid|dev|defaults)$/;

/** What the driver knows; it refuses others today, and may know more tomorrow. */
const knownOptions: ReadonlySet<string> = new Set(["type", "o", "device", "size"]);

/** True when the kernel would bind a host path, whatever the type says. */
export function isBindMount(options: unknown): boolean {
  return mountOptions(options).some((option) => option === "bind" || option === "rbind");
}

/** `local`, `local:tmpfs`, `local:bind`, `local:OTHER-TYPE`, `plugin:NAME`; `local:other` for what cannot be told. */
export function describeDriver(driver: string, options: unknown): string {
  if (driver !== "" && driver !== "local") return `plugin:${driver}`;
  if (!Object.keys(fieldsAt(options)).every((name) => knownOptions.has(name))) return "local:other";
  const type = textAt(options, "type").trim().toLowerCase();
  const device = textAt(options, "device");
  const list = mountOptions(options);
  if (isBindMount(options)) return "local:bind";
  if (type === "" && device === "" && list.length === 0) return "local";
  if (type === "tmpfs") return list.every((option) => tmpfsOption.test(option)) ? "local:tmpfs" : "local:other";
  return /^[a-z][a-z0-9_.-]*$/.test(type) && type !== "local" && type !== "bind" ? `local:${type}` : "local:other";
}

function mountOptions(options: unknown): readonly string[] {
  const words = textAt(options, "o").split(",");
  return words.map((word) => word.trim().toLowerCase()).filter((word) => word !== "");
}
