// The kinds of events by name, each with what it means to the writer of a rule.

import type { KernelEventKind } from "../../model/watch.ts";

export const eventKinds: Readonly<Record<KernelEventKind, string>> = {
  exec: "a process became another program",
  fork: "a process made another one",
  exit: "a process ended",
  open: "a file was opened",
  create: "a file or folder was made",
  chmod: "permission bits were changed",
  rename: "a file was renamed",
  link: "a link to a file was made",
  unlink: "a file or folder was removed",
  "map-executable": "a file was mapped so that it can be executed",
  memory: "a process reached for the memory of another one",
  mount: "something was mounted, or a mount was changed",
  unshare: "a process left a namespace for a new one",
  setns: "a process entered a namespace",
  "set-user": "a process changed its user",
  bpf: "a program or map of the kernel was asked for",
  module: "a kernel module was loaded",
  "io-uring": "system calls by a ring were asked for",
  keyctl: "the kernel's keys were used",
  userfaultfd: "page faults were asked to be handled by a process",
  socket: "a socket was made",
  connect: "a connection was begun",
  bind: "an address was taken",
  listen: "a socket waits for connections",
  send: "a datagram was sent",
  flow: "something was said in a conversation: a request, a greeting, a name that is asked for",
  "flow-ended": "a conversation came to its end, or was silent for two minutes",
  "cgroup-made": "a container's group of processes came into being",
  "cgroup-gone": "it went away",
  "cgroup-left": "a process left its container's group",
  malware: "a file that was written or executed holds malware, or nobody could look into it",
};

export function isEventKind(name: string): name is KernelEventKind {
  return Object.hasOwn(eventKinds, name);
}
