// What rules can ask of an event: one line a field, with its type, its meaning and where it comes from. docs/rules.md lists
// the same names (a test holds the two together).

import { isAncestor } from "../process-tree/process-tree.ts";
import { addressSpace } from "./address-space.ts";
import { callOf, familyOf, isFolder, linkTypeOf, namesOf, requestOf, socketTypeOf } from "./detail-names.ts";
import { type Field, flag, list, number, numberOf, text, textOf } from "./field.ts";
import { flowFields } from "./flow-fields.ts";
import { type OpenFlags, openFlags } from "./open-flags.ts";
import { baseName, folderOf } from "./path-parts.ts";
import type { Subject } from "./subject.ts";

export const fields = {
  "event.kind": text("what was done: exec, open, connect...", ({ event }) => event.kind),
  "event.verdict": text("what the kernel did: seen, denied or killed", ({ event }) => event.verdict),
  "event.protection": text("the protection that it breaks; empty for none", ({ event }) => event.protection ?? ""),
  "event.call": text("system call, where a kind has several: ptrace, process_vm_readv", ({ event }) => callOf(event)),
  "event.request": text("what was asked of the call: PTRACE_ATTACH, PTRACE_TRACEME", ({ event }) => requestOf(event)),
  "event.capability": text("the capability that was used", (s) => textOf(s, "capability")),
  "event.linkType": text("of a link: hard or symbolic", ({ event }) => linkTypeOf(event)),
  "event.flags": number("flags of the call, as the kernel numbers them", (s) => numberOf(s, "flags")),
  "event.mode": number("permission bits that were set or asked for", (s) => numberOf(s, "mode")),
  "event.isCut": flag("arguments were too long to be kept whole", ({ event }) => event.isCut),

  "process.name": text("as the kernel shows it, at most 15 bytes", ({ process }) => process.name),
  "process.path": text("the program", ({ process }) => process.path),
  "process.file": text("the program without its folders", ({ process }) => baseName(process.path) || process.name),
  "process.argv": list("arguments, the first is the program's name", ({ process }) => process.argv),
  "process.arguments": text("arguments without the first, blanks between", ({ process }) =>
    process.argv.slice(1).join(" "),
  ),
  "process.command": text("arguments with blanks between", commandOf),
  "process.pid": number("in the host's numbers", ({ process }) => process.pid),
  "process.containerPid": number("as the container counts", ({ process }) => process.containerPid),
  "process.uid": number("user, in the host's numbers", ({ process }) => process.uid),
  "process.stdin": text("what its input is: socket, pipe, terminal, file or empty", (s) => descriptorKind(s, 0)),
  "process.stdout": text("the same of its output", (s) => descriptorKind(s, 1)),
  "process.isFirst": flag("the container's first process, or the first of an exec", (s) => parentOf(s) === undefined),

  "parent.name": text("of the process that started it", (s) => parentOf(s)?.name ?? ""),
  "parent.path": text("its program", (s) => parentOf(s)?.path ?? ""),
  "parent.file": text("its program without folders", (s) => fileOf(parentOf(s))),
  "parent.argv": list("its arguments, the first is its name", (s) => parentOf(s)?.argv ?? []),
  "parent.command": text("its arguments, blanks between", (s) => parentOf(s)?.argv.join(" ") ?? ""),
  "parent.pid": number("in the host's numbers", (s) => parentOf(s)?.pid ?? 0),
  "ancestors.names": list(
    "of all above it, nearest first",
    ancestorsOf((process) => process.name),
  ),
  "ancestors.files": list(
    "their programs without folders",
    ancestorsOf((process) => fileOf(process)),
  ),
  "ancestors.paths": list(
    "their programs",
    ancestorsOf((process) => process.path),
  ),

  "file.path": text("file, mount target or program", ({ event }) => namesOf(event).path),
  "file.name": text("without its folders", ({ event }) => baseName(namesOf(event).path)),
  "file.folder": text("without its last part", ({ event }) => folderOf(namesOf(event).path)),
  "file.target": text("of a link or a rename: the new name", ({ event }) => namesOf(event).target),
  "file.isNew": flag("made in the container: not of the image", ({ event }) => event.origin?.isNew ?? false),
  "file.isCopied": flag("of the image, changed perhaps", ({ event }) => event.origin?.isCopied ?? false),
  "file.isMemory": flag("has no place on any disk", ({ event }) => event.origin?.isMemory ?? false),
  "file.isUnlinked": flag("was removed before it was used", ({ event }) => event.origin?.isUnlinked ?? false),
  "file.isRead": flag("opened to be read", (s) => flagsOf(s).isRead),
  "file.isWritten": flag("opened to be written, or made", (s) => flagsOf(s).isWrite),
  "file.isExecutable": flag("permission bits let somebody execute it", (s) => (numberOf(s, "mode") & 0o111) !== 0),
  "file.isSetuid": flag(
    "permission bits give the rights of its owner or group",
    (s) => (numberOf(s, "mode") & 0o6000) !== 0,
  ),
  "file.isTruncated": flag(
    "opened to be written from its beginning, what it held is lost",
    (s) => flagsOf(s).isTruncate,
  ),
  "file.isFolder": flag("what is made is a folder", ({ event }) => isFolder(event)),
  "file.isMade": flag("opened to be made when it is not there", (s) => flagsOf(s).isCreate),

  "malware.found": text("what a file is: malware, suspect, or unknown when nobody could look into it", (s) =>
    textOf(s, "found"),
  ),
  "malware.signature": text(
    "the first that matched: name of a rule, of an entry of a hash list, or of clamd's signature",
    (s) => textOf(s, "signature"),
  ),
  "malware.title": text("one line about it", (s) => textOf(s, "title")),
  "malware.severity": text("what its author thinks of it: medium, high, critical", (s) => textOf(s, "severity")),
  "malware.detector": text("who found it: yara, hash-list, clamd or structure", (s) => textOf(s, "detector")),
  "malware.reason": text("why nobody could look into the file", (s) => textOf(s, "reason")),
  "file.sha256": text("of a file that was looked into, 64 digits", (s) => textOf(s, "sha256")),

  "network.address": text("of the other side, or its own for bind and listen", ({ event }) => event.address),
  "network.port": number("of the same", ({ event }) => event.port),
  "network.name": text("DNS name that was resolved to the address, where one is known", (s) => textOf(s, "name")),
  "network.isLoopback": flag("127.0.0.0/8 or ::1", ({ event }) => addressSpace(event.address) === "loopback"),
  "network.isPrivate": flag("of a private network", ({ event }) => addressSpace(event.address) === "private"),
  "network.isLinkLocal": flag("169.254.0.0/16 or fe80::/10", ({ event }) => addressSpace(event.address) === "link"),
  "network.isPublic": flag("none of these", ({ event }) => addressSpace(event.address) === "public"),
  "network.nameFrom": text("who said so: resolver (whom the container is to ask), elsewhere or unknown", (s) =>
    textOf(s, "nameFrom"),
  ),
  "network.container": text("the container that has the address", (s) => textOf(s, "peerContainer")),
  ...flowFields,
  "socket.family": text("inet, inet6, unix, packet, netlink...", ({ event }) => familyOf(event)),
  "socket.type": text("stream, dgram, raw...", ({ event }) => socketTypeOf(event)),

  "target.pid": number("who it was done to", ({ event }) => event.targetPid),
  "target.isOutside": flag("who it was done to is not in this container", isOutside),
  "target.container": text("the container of who it was done to", (s) => s.targetContainer?.name ?? ""),

  "container.id": text("64 digits", ({ container }) => container?.id ?? ""),
  "container.name": text("its name", ({ container }) => container?.name ?? ""),
  "container.image": text("as it was asked for", ({ container }) => container?.image ?? ""),
  "container.imageId": text("sha256:...", ({ container }) => container?.imageId ?? ""),
  "container.engine": text("docker, podman, lxc", ({ container }) => container?.engine ?? ""),
  "container.owner": text("whose it is", ({ container }) => container?.owner ?? ""),
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof fields;

export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(fields, name);
}

export function fieldOf(name: FieldName): Field {
  return fields[name];
}

type Known = NonNullable<Subject["process"]["parent"]>;

function parentOf({ process }: Subject): Known | undefined {
  return process.parent !== undefined && isAncestor(process.parent, process) ? process.parent : undefined;
}

function fileOf(process: Known | undefined): string {
  return process === undefined ? "" : baseName(process.path) || process.name;
}

function ancestorsOf(read: (process: Known) => string): (subject: Subject) => readonly string[] {
  return (subject) => {
    subject.found.ancestors ??= findAncestors(subject.process);
    return subject.found.ancestors.map(read);
  };
}

function findAncestors(process: Known): readonly Known[] {
  const found: Known[] = [];
  for (let at = process.parent; at !== undefined && isAncestor(at, process); at = at.parent) found.push(at);
  return found;
}

function commandOf({ process, found }: Subject): string {
  found.command ??= process.argv.join(" ");
  return found.command;
}

function flagsOf({ event, found }: Subject): OpenFlags {
  found.flags ??= openFlags(event);
  return found.flags;
}

function isOutside({ event, container, targetContainer }: Subject): boolean {
  return event.targetPid > 0 && targetContainer?.id !== container?.id;
}

/** The kernel may have told already; /proc knows it only while the process lives. */
function descriptorKind(subject: Subject, fd: number): string {
  const told = textOf(subject, fd === 0 ? "stdin" : "stdout");
  if (told !== "") return told;
  const target = subject.descriptor(fd);
  if (target === "") return "";
  if (target.startsWith("socket:")) return "socket";
  if (target.startsWith("pipe:")) return "pipe";
  return /^\/dev\/(?:pts\/\d+|tty\w*|console)$/.test(target) ? "terminal" : "file";
}
