// Numbers of the kernel -> the words that rules use. Source: Linux include/uapi/linux/ptrace.h, include/linux/socket.h, socket(2).

import type { KernelEvent } from "../../model/watch.ts";

const requests: Readonly<Record<number, string>> = {
  ...{ 0: "PTRACE_TRACEME", 1: "PTRACE_PEEKTEXT", 2: "PTRACE_PEEKDATA", 3: "PTRACE_PEEKUSER", 4: "PTRACE_POKETEXT" },
  ...{ 5: "PTRACE_POKEDATA", 6: "PTRACE_POKEUSER", 7: "PTRACE_CONT", 8: "PTRACE_KILL", 12: "PTRACE_GETREGS" },
  ...{ 13: "PTRACE_SETREGS", 16: "PTRACE_ATTACH", 17: "PTRACE_DETACH", 16900: "PTRACE_GETREGSET" },
  ...{ 16901: "PTRACE_SETREGSET", 16902: "PTRACE_SEIZE" },
};
const families: Readonly<Record<number, string>> = {
  ...{ 1: "unix", 2: "inet", 10: "inet6", 16: "netlink", 17: "packet", 38: "alg", 40: "vsock", 44: "xdp" },
};
const socketTypes: Readonly<Record<number, string>> = {
  1: "stream",
  2: "dgram",
  3: "raw",
  5: "seqpacket",
  10: "packet",
};
/** SOCK_CLOEXEC and SOCK_NONBLOCK stand above the type. */
const typeMask = 0xf;

export function callOf({ details }: KernelEvent): string {
  return word(details["call"]) || word(details["systemCall"]);
}

export function requestOf(event: KernelEvent): string {
  const { request } = event.details;
  if (typeof request !== "number") return word(request);
  return callOf(event) === "ptrace" ? (requests[request] ?? `${request}`) : "";
}

export function familyOf({ details }: KernelEvent): string {
  const { family } = details;
  return typeof family === "number" ? (families[family] ?? `${family}`) : word(family);
}

export function socketTypeOf({ details }: KernelEvent): string {
  const { type } = details;
  return typeof type === "number" ? (socketTypes[type & typeMask] ?? `${type & typeMask}`) : word(type);
}

export function linkTypeOf(event: KernelEvent): string {
  if (event.kind !== "link") return "";
  const call = word(event.details["systemCall"]);
  return call === "" ? word(event.details["type"]) : call.startsWith("symlink") ? "symbolic" : "hard";
}

export function isFolder({ details }: KernelEvent): boolean {
  return details["type"] === "folder" || word(details["systemCall"]).startsWith("mkdir");
}

/** Of a link or a rename: what was there before, and the new name. Elsewhere the path, and nothing. */
export function namesOf({ path, details }: KernelEvent): { readonly path: string; readonly target: string } {
  const { from } = details;
  if (typeof from !== "string") return { path, target: word(details["target"]) };
  return { path: from || path, target: path };
}

function word(value: number | string | undefined): string {
  return typeof value === "string" ? value : "";
}
