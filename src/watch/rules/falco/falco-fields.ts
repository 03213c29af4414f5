// Fields of Falco and what they are here. What is not in these tables is not known, and a rule that asks for it is refused.
// Source: falco.org/docs/reference/rules/supported-fields.

/** Texts. */
export const textFields: Readonly<Record<string, string>> = {
  "proc.name": "process.name",
  "proc.exepath": "process.path",
  "proc.exe": "process.argv[0]",
  "proc.cmdline": "process.command",
  "proc.args": "process.arguments",
  "proc.pname": "parent.name",
  "proc.pexepath": "parent.path",
  "proc.pcmdline": "parent.command",
  "proc.pexe": "parent.argv[0]",
  "proc.aname[0]": "process.name",
  "proc.aname[1]": "parent.name",
  "proc.aexepath[0]": "process.path",
  "proc.aexepath[1]": "parent.path",
  "fd.name": "file.path",
  "fd.nameraw": "file.path",
  "fd.directory": "file.folder",
  "fd.filename": "file.name",
  "fd.sip": "network.address",
  "fd.rip": "network.address",
  "fd.ip": "network.address",
  "fd.sip.name": "network.name",
  "fd.rip.name": "network.name",
  "fs.path.name": "file.path",
  "fs.path.nameraw": "file.path",
  "fs.path.target": "file.target",
  "fs.path.source": "file.path",
  "evt.arg.path": "file.path",
  "evt.arg.name": "file.path",
  "evt.arg.filename": "file.path",
  "evt.arg.oldpath": "file.path",
  "evt.arg.newpath": "file.target",
  "evt.arg.target": "file.path",
  "evt.arg.linkpath": "file.target",
  "evt.arg.request": "event.request",
  "container.id": "container.id",
  "container.name": "container.name",
  "container.type": "container.engine",
  "container.image": "container.image",
  "container.image.id": "container.imageId",
  "container.image.digest": "container.imageId",
  "k8s.ns.name": 'container.labels["io.kubernetes.pod.namespace"]',
  "k8s.pod.name": 'container.labels["io.kubernetes.pod.name"]',
};

export const numberFields: Readonly<Record<string, string>> = {
  "proc.pid": "process.pid",
  "proc.vpid": "process.containerPid",
  "proc.ppid": "parent.pid",
  "user.uid": "process.uid",
  "fd.sport": "network.port",
  "fd.rport": "network.port",
  "fd.port": "network.port",
};

export const flagFields: Readonly<Record<string, string>> = {
  "evt.is_open_write": "file.isWritten",
  "evt.is_open_read": "file.isRead",
  "evt.is_open_exec": "(file.isMade && file.isExecutable)",
  "proc.is_exe_upper_layer": "(file.isNew || file.isCopied)",
  "proc.is_exe_from_memfd": "file.isMemory",
};

/** Flags of an open, by the names that Falco gives them. */
export const openFlagFields: Readonly<Record<string, string>> = {
  O_TRUNC: "file.isTruncated",
  O_CREAT: "file.isMade",
  O_WRONLY: "file.isWritten",
  O_RDWR: "file.isWritten",
};

/** True of all of them, and lists of networks. */
export const networkFields: readonly string[] = ["fd.net", "fd.snet", "fd.rnet"];

/** Of any ancestor; with [n] of the one that is so far up. */
export const ancestorFields: Readonly<Record<string, string>> = {
  "proc.aname": "ancestors.names",
  "proc.aexepath": "ancestors.paths",
};

/** System calls as the watch tells of them. One that is not here it does not see. */
export const systemCalls: Readonly<Record<string, string>> = {
  ...{ execve: 'event.kind == "exec"', execveat: 'event.kind == "exec"' },
  ...{ open: 'event.kind == "open"', openat: 'event.kind == "open"', openat2: 'event.kind == "open"' },
  ...{ creat: 'event.kind == "open"', open_by_handle_at: 'event.kind == "open"' },
  mkdir: '(event.kind == "create" && file.isFolder)',
  mkdirat: '(event.kind == "create" && file.isFolder)',
  ...{ rename: 'event.kind == "rename"', renameat: 'event.kind == "rename"', renameat2: 'event.kind == "rename"' },
  ...{ rmdir: 'event.kind == "unlink"', unlink: 'event.kind == "unlink"', unlinkat: 'event.kind == "unlink"' },
  symlink: '(event.kind == "link" && event.linkType == "symbolic")',
  symlinkat: '(event.kind == "link" && event.linkType == "symbolic")',
  link: '(event.kind == "link" && event.linkType == "hard")',
  linkat: '(event.kind == "link" && event.linkType == "hard")',
  ...{ chmod: 'event.kind == "chmod"', fchmod: 'event.kind == "chmod"', fchmodat: 'event.kind == "chmod"' },
  fchmodat2: 'event.kind == "chmod"',
  ...{ connect: 'event.kind == "connect"', bind: 'event.kind == "bind"', listen: 'event.kind == "listen"' },
  ...{ sendto: 'event.kind == "send"', sendmsg: 'event.kind == "send"', sendmmsg: 'event.kind == "send"' },
  socket: 'event.kind == "socket"',
  ptrace: '(event.kind == "memory" && event.call == "ptrace")',
  process_vm_readv: '(event.kind == "memory" && event.call == "process_vm_readv")',
  process_vm_writev: '(event.kind == "memory" && event.call == "process_vm_writev")',
  pidfd_getfd: '(event.kind == "memory" && event.call == "pidfd_getfd")',
  ...{ mount: 'event.kind == "mount"', unshare: 'event.kind == "unshare"', setns: 'event.kind == "setns"' },
  ...{ bpf: 'event.kind == "bpf"', userfaultfd: 'event.kind == "userfaultfd"' },
  ...{ init_module: 'event.kind == "module"', finit_module: 'event.kind == "module"' },
  ...{
    setuid: 'event.kind == "set-user"',
    setresuid: 'event.kind == "set-user"',
    setreuid: 'event.kind == "set-user"',
  },
  ...{ io_uring_setup: 'event.kind == "io-uring"', keyctl: 'event.kind == "keyctl"' },
  ...{
    clone: 'event.kind == "fork"',
    clone3: 'event.kind == "fork"',
    fork: 'event.kind == "fork"',
    vfork: 'event.kind == "fork"',
  },
  procexit: 'event.kind == "exit"',
};

/** Tests that hold for everything that the watch tells: it has no such thing as the two halves of a call, or numbers of events. */
export const alwaysTrue: readonly RegExp[] = [
  /^evt\.dir (?:=|==) [<>]$/,
  /^evt\.num >= 0$/,
  /^fd\.num >= 0$/,
  /^fd\.typechar (?:=|==) f$/,
  /^fd\.type (?:=|==) file$/,
  /^evt\.(?:rawres|arg\.res) >= 0$/,
  /^evt\.res (?:=|==) SUCCESS$/,
  /^evt\.failed (?:=|==) false$/,
  /^proc\.name != <NA>$/,
  /^user\.loginuid (?:=|==) -1$/,
  // Connections and datagrams are told whenever somebody asks for one: rather once too often.
  /^fd\.connected (?:=|==) false$/,
  /^fd\.name_changed (?:=|==) true$/,
];

export const alwaysFalse: readonly RegExp[] = [/^evt\.num (?:=|==) 0$/];
