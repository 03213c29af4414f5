// The nouns of the watch: what the kernel told, which container it was, what was decided about it. docs/watch.md explains each.

/** What a process did. One kind an action, not one a system call: `memory` is ptrace, process_vm_readv and /proc/PID/mem alike. */
export type KernelEventKind =
  | "exec"
  | "fork"
  | "exit"
  | "open"
  | "create"
  | "chmod"
  | "rename"
  | "link"
  | "unlink"
  | "map-executable"
  | "memory"
  | "mount"
  | "unshare"
  | "setns"
  | "set-user"
  | "bpf"
  | "module"
  | "io-uring"
  | "keyctl"
  | "userfaultfd"
  | "socket"
  | "connect"
  | "bind"
  | "listen"
  | "send"
  /** Something was said in a conversation: a request, a greeting, a name that is asked for. Not of the kernel, but of packets. */
  | "flow"
  | "flow-ended"
  | "cgroup-made"
  | "cgroup-gone"
  /** A process got into a group that is not its container's; it counts as the container's none the less. */
  | "cgroup-left"
  /** A file with malware was written or executed, or nobody could say what is in it. */
  | "malware";

/** What the kernel itself did about it, at once: `denied` is an error to the caller, `killed` a signal before it got its result. */
export type KernelVerdict = "seen" | "denied" | "killed";

export type ProcessFacts = {
  /** In the host's numbers. */
  readonly pid: number;
  readonly threadId: number;
  readonly parentPid: number;
  /** As the container counts. */
  readonly containerPid: number;
  /** Nanoseconds since boot: with the pid it names one process for ever. */
  readonly startedAt: number;
  /** In the host's numbers. */
  readonly uid: number;
  /** At most 15 bytes; any byte but NUL, so never printed unescaped. */
  readonly name: string;
  readonly mountNamespace: number;
};

/** Where the bytes of a file come from that is executed, mapped or opened. */
export type FileOrigin = {
  /** On an overlay, in no lower layer: made in the container. */
  readonly isNew: boolean;
  /** On an overlay, copied up: of the image, perhaps changed. */
  readonly isCopied: boolean;
  /** Of the image, with other bytes than there. */
  readonly isChanged?: true;
  readonly isMemory: boolean;
  readonly isUnlinked: boolean;
};

export type KernelEvent = {
  readonly kind: KernelEventKind;
  /** Milliseconds since 1970, with a fraction. */
  readonly time: number;
  /** Of the version 2 hierarchy. */
  readonly cgroupId: number;
  readonly process: ProcessFacts;
  readonly verdict: KernelVerdict;
  /** The protection that denied or killed, or would have. */
  readonly protection: Protection | undefined;
  /** File, mount target, program or name of the cgroup; bytes that are no UTF-8 become U+FFFD. At most 4096 characters. */
  readonly path: string;
  readonly origin: FileOrigin | undefined;
  /** Of an exec: argv, at most 4 KiB in all; `isCut` says that there was more. */
  readonly argv: readonly string[];
  readonly isCut: boolean;
  /** Peer or own address, `10.1.2.3` or `2001:db8::1`; "" where there is none. */
  readonly address: string;
  readonly port: number;
  /** Who it was done to: the process that is traced, read or sent a signal. 0 where there is none. */
  readonly targetPid: number;
  readonly targetCgroupId: number;
  /** What the kind needs more: open flags, mode, mount flags, socket family and type, capability, system call. */
  readonly details: Readonly<Record<string, number | string>>;
};

export type Protection = "drift" | "memory" | "escape" | "host-paths" | "network" | "malware" | "mining";
export const protections: readonly Protection[] = [
  "drift",
  "memory",
  "escape",
  "host-paths",
  "network",
  "malware",
  "mining",
];

export type ProtectionLevel = "off" | "detect" | "block";

/** Where a container may connect to. An empty list allows nothing. */
export type NetworkPermit = {
  /** An address with its prefix, `10.0.0.0/8`, or a DNS name, `*.debian.org`. */
  readonly to: string;
  /** 0 is any. */
  readonly port: number;
};

/** What one container may do: what Cedar decided when it was created, compiled for the kernel. */
export type ContainerProtection = {
  readonly levels: Readonly<Record<Protection, ProtectionLevel>>;
  /** Undefined: everywhere but where a rule says no. */
  readonly connect: readonly NetworkPermit[] | undefined;
  readonly bind: readonly NetworkPermit[] | undefined;
  /** Paths on the host below which it must not write although they are mounted. */
  readonly protectedPaths: readonly string[];
};

/** A container as the watch knows it. */
export type WatchedContainer = {
  /** 64 hex; of LXC its name. */
  readonly id: string;
  readonly name: string;
  /** `docker`, `podman`, `lxc`. */
  readonly engine: string;
  readonly image: string;
  readonly imageId: string;
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
};

/** Where a container is in the tree of control groups: all that the kernel knows of it. */
export type ContainerPlace = {
  /** 64 hex; of LXC its name. */
  readonly id: string;
  /** `docker`, `podman`, `lxc`, `containerd`: by the name of its group. */
  readonly engine: string;
  /** Of the outermost group: groups within it are the same container. */
  readonly topCgroupId: number;
  /** From the root of the hierarchy, `/docker/ID`. */
  readonly cgroupPath: string;
  /** Only when somebody else than root made the group: he may have given it any name, another container's too. */
  readonly madeBy?: number;
};

/** The rungs of enforcement, facts of the host: what was loaded and worked, not what the kernel claims. */
export type Tier = "lsm" | "signal" | "cgroup" | "exec-permission" | "create-time" | "process-events";

export type TierReport = {
  readonly tier: Tier;
  readonly works: boolean;
  /** Why it does not, in the kernel's words; "" when it does. */
  readonly reason: string;
  /** What would raise it, one sentence; "" when nothing is missing. */
  readonly remedy: string;
};

/** The best that this host can do for one protection. */
export type ProtectionReport = {
  readonly protection: Protection;
  readonly best: ProtectionLevel;
  /** By which tiers. */
  readonly by: readonly Tier[];
  readonly reason: string;
};

/** What was lost, and where: never told as none. */
export type SensorCounters = {
  readonly received: number;
  /** By the kernel, when the ring was full. */
  readonly dropped: number;
  readonly byKind: Readonly<Partial<Record<KernelEventKind, number>>>;
  /** Packets that were to be looked into and found no room. */
  readonly packetsDropped?: number;
};

export type AlertSeverity = "notice" | "warning" | "critical";

export type Alert = {
  /** ULID. */
  readonly id: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly rule: string;
  readonly severity: AlertSeverity;
  /** The protection that the rule belongs to. */
  readonly protection: Protection;
  /** MITRE ATT&CK, `T1059.004`. */
  readonly techniques: readonly string[];
  /** What the kernel did; `detected` when only seen. */
  readonly outcome: "detected" | "denied" | "killed";
  /** One sentence, printable. */
  readonly message: string;
  readonly container: WatchedContainer | undefined;
  readonly event: KernelEvent;
  /** From the process to the container's first. */
  readonly ancestors: readonly { readonly pid: number; readonly path: string; readonly argv: readonly string[] }[];
  /** Alerts of one process tree are one incident. */
  readonly incident: string;
  readonly responses: readonly string[];
};

/** Of one packet of a container's socket: the first ones of each direction, and the last of a conversation. */
export type SeenPacket = {
  /** `end`: the conversation is over, the numbers are the last ones. */
  readonly kind: "data" | "end";
  /** Milliseconds since 1970, with a fraction. */
  readonly time: number;
  readonly cgroupId: number;
  /** Who sent it, in the host's numbers; 0 where the kernel did that later, and for what comes in. */
  readonly pid: number;
  readonly threadId: number;
  readonly startedAt: number;
  readonly processName: string;
  readonly isOutgoing: boolean;
  readonly protocol: "tcp" | "udp";
  /** Which side began, from where the container stands. */
  readonly began: "out" | "in" | "unknown";
  /** Of a stream: bytes of this direction before these. */
  readonly sequence: number;
  /** Bytes that it carries; perhaps more than were kept. */
  readonly length: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly peerAddress: string;
  readonly peerPort: number;
  /** Of the conversation so far. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly packetsOut: number;
  readonly packetsIn: number;
  /** Only until the handler returns. */
  readonly payload: Uint8Array;
};

/** The sensor, as the pipeline sees it. */
export interface Sensor {
  readonly tiers: readonly TierReport[];
  readonly protections: readonly ProtectionReport[];
  /** In order of time for each processor; the handler must not throw. */
  onEvent(handler: (event: KernelEvent) => void): void;
  /** Where network or mining is not off. The handler must not throw. */
  onPacket(handler: (packet: SeenPacket) => void): void;
  /** May come before the container exists: the kernel then installs it before its first process. @param containerId 64 hex */
  protect(containerId: string, protection: ContainerProtection): void;
  /** Of containers that were started around the gate. */
  protectUnknown(protection: ContainerProtection): void;
  forget(containerId: string): void;
  /** What it asked of name servers until then is known: its connections need not wait for that. @param timeMs since 1970 */
  release(containerId: string, timeMs: number): void;
  /**
   * Connections that are open end (at `detect` they are told) where the list would not let them begin now.
   * @param kept addresses that names of the list stood for at some time
   * @returns how many there were @throws Error with the kernel's reason
   */
  cutStreams(containerId: string, kept: readonly NetworkPermit[]): number;
  /** Also of a container that is gone, for a while. @param cgroupId of an event */
  containerOf(cgroupId: number): ContainerPlace | undefined;
  /** The kernel has told of a control group of this container. */
  sees(containerId: string): boolean;
  counters(): SensorCounters;
  /** Resolves when nothing is attached any more, or only what goes on enforcing. */
  close(options: { readonly keepEnforcing: boolean }): Promise<void>;
}
