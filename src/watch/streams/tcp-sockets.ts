// The TCP sockets of one network namespace, listed and ended through the kernel's own diagnosis: whoever uses one that is ended
// gets ECONNABORTED, and its peer a reset.
// Source: sock_diag(7); Linux include/uapi/linux/inet_diag.h, sock_diag.h, netlink.h; setns(2).

import { closeSync, openSync } from "node:fs";
import { lazily } from "../../base/lazily.ts";
import { openSharedLibrary } from "../../base/native/shared-library.ts";
import { formatAddress } from "../kernel/address.ts";
import { errnoName } from "../kernel/errno-name.ts";

export type TcpSocket = {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  readonly isListening: boolean;
  /** 16 bytes, IPv4 inside IPv6. */
  readonly local: Buffer;
  readonly peer: Buffer;
  readonly localPort: number;
  readonly peerPort: number;
  readonly inode: number;
  /** Of the control group (version 2) in which it was made; 0 when the kernel does not say. */
  readonly cgroupId: number;
  /** As the kernel knows it: `struct inet_diag_sockid`. */
  readonly id: Buffer;
};

export interface TcpSockets {
  /** @param which `begun`: nobody has answered them yet @throws Error with the kernel's reason */
  list(which?: "all" | "begun"): readonly TcpSocket[];
  /** @returns false when it has ended by itself @throws Error with the kernel's reason */
  end(socket: TcpSocket): boolean;
  close(): void;
}

const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const NETLINK_SOCK_DIAG = 4;
/** SOCK_DGRAM | SOCK_CLOEXEC */
const socketType = 2 | 0o2000000;
const CLONE_NEWNET = 0x4000_0000;
const SOCK_DIAG_BY_FAMILY = 20;
const SOCK_DESTROY = 21;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NLM_F_DUMP = 0x300;
const IPPROTO_TCP = 6;
const INET_DIAG_CGROUP_ID = 21;
const TCP_SYN_SENT = 2;
const TCP_LISTEN = 10;
/** All but TIME_WAIT (6) and CLOSE (7), which belong to nobody. */
const wantedStates = {
  all: [1, TCP_SYN_SENT, 3, 4, 5, 8, 9, TCP_LISTEN].reduce((bits, state) => bits | (1 << state), 0),
  begun: 1 << TCP_SYN_SENT,
};
const headBytes = 16;
const idBytes = 48;
/** `struct inet_diag_msg` */
const messageBytes = 72;
const receiveBytes = 64 * 1024;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const patienceSeconds = 2n;
const mostSockets = 200_000;
const ENOENT = 2;

const system = lazily(() => {
  const libc = openSharedLibrary(null, "install the optional dependencies of koffi for this platform");
  return {
    errno: libc.errno,
    setns: libc.declare("int setns(int fd, int type)"),
    socket: libc.declare("int socket(int, int, int)"),
    setOption: libc.declare("int setsockopt(int, int, int, const void *, uint32_t)"),
    send: libc.declare("long send(int, const void *, size_t, int)"),
    receive: libc.declare("long recv(int, void *, size_t, int)"),
    close: libc.declare("int close(int)"),
  };
});

/** @param pid of a process in the namespace @throws Error when it is gone, or the kernel refuses */
export function openTcpSockets(pid: number): TcpSockets {
  const fd = openInside(`/proc/${pid}/ns/net`);
  const ask = (request: Buffer, take: (message: Buffer) => void): void => talk(fd, request, take);
  return {
    list(which = "all") {
      const found: TcpSocket[] = [];
      for (const family of [AF_INET, AF_INET6]) {
        const states = wantedStates[which];
        ask(
          toRequest({ type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_DUMP, family, states, id: Buffer.alloc(idBytes) }),
          (message) => {
            if (found.length < mostSockets && message.length >= messageBytes) found.push(readSocket(message));
          },
        );
      }
      return found;
    },
    end({ family, id }) {
      try {
        ask(toRequest({ type: SOCK_DESTROY, flags: NLM_F_ACK, family, states: wantedStates.all, id }), () => undefined);
        return true;
      } catch (thrown) {
        if (thrown instanceof Refused && thrown.errno === ENOENT) return false;
        throw thrown;
      }
    },
    close: () => void system().close(fd),
  };
}

/** This thread is in the other namespace for one call; a socket stays in the one that it was made in. */
function openInside(path: string): number {
  const { setns, socket, setOption, errno } = system();
  const [own, other] = [openSync("/proc/thread-self/ns/net", "r"), openSync(path, "r")];
  try {
    if (Number(setns(other, CLONE_NEWNET)) !== 0) throw new Refused("the network of a container", errno());
    const fd = Number(socket(AF_NETLINK, socketType, NETLINK_SOCK_DIAG));
    const problem = errno();
    // Nothing of this process may go on in a container's network.
    if (Number(setns(own, CLONE_NEWNET)) !== 0) process.abort();
    if (fd < 0) throw new Refused("the diagnosis of sockets", problem);
    const patience = Buffer.alloc(16);
    patience.writeBigInt64LE(patienceSeconds, 0);
    setOption(fd, SOL_SOCKET, SO_RCVTIMEO, patience, patience.length);
    return fd;
  } finally {
    closeSync(own);
    closeSync(other);
  }
}

class Refused extends Error {
  readonly errno: number;

  constructor(what: string, errno: number) {
    super(`${what}: ${errnoName(errno)}`);
    this.errno = errno;
  }
}

type Request = {
  readonly type: number;
  readonly flags: number;
  readonly family: number;
  readonly states: number;
  readonly id: Buffer;
};

/** nlmsghdr and `struct inet_diag_req_v2` */
function toRequest({ type, flags, family, states, id }: Request): Buffer {
  const bytes = Buffer.alloc(headBytes + 8 + idBytes);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(NLM_F_REQUEST | flags, 6);
  bytes.writeUInt8(family, headBytes);
  bytes.writeUInt8(IPPROTO_TCP, headBytes + 1);
  bytes.writeUInt32LE(states, headBytes + 4);
  id.copy(bytes, headBytes + 8);
  return bytes;
}

/** One question and the whole answer. */
function talk(fd: number, request: Buffer, take: (message: Buffer) => void): void {
  const { send, receive, errno } = system();
  if (Number(send(fd, request, request.length, 0)) !== request.length) throw new Refused("asking for sockets", errno());
  const buffer = Buffer.alloc(receiveBytes);
  for (;;) {
    const length = Number(receive(fd, buffer, buffer.length, 0));
    if (length <= 0) throw new Refused("no answer about sockets", errno());
    for (let at = 0; at + headBytes <= length; ) {
      const size = buffer.readUInt32LE(at);
      if (size < headBytes || at + size > length) throw new Error("an answer about sockets was cut short");
      const type = buffer.readUInt16LE(at + 4);
      if (type === NLMSG_DONE) return;
      const error = type === NLMSG_ERROR && size >= headBytes + 4 ? -buffer.readInt32LE(at + headBytes) : 0;
      if (error !== 0) throw new Refused("the diagnosis of sockets", error);
      if (type === NLMSG_ERROR) return;
      take(Buffer.from(buffer.subarray(at + headBytes, at + size)));
      // Each begins at a multiple of four.
      at += (size + 3) & ~3;
    }
  }
}

function readSocket(message: Buffer): TcpSocket {
  const family = message.readUInt8(0);
  const id = message.subarray(4, 4 + idBytes);
  const address = (at: number): Buffer =>
    family === AF_INET6 ? id.subarray(at, at + 16) : inSix(id.subarray(at, at + 4));
  return {
    ...{ family, id, local: address(4), peer: address(20) },
    isListening: message.readUInt8(1) === TCP_LISTEN,
    localPort: id.readUInt16BE(0),
    peerPort: id.readUInt16BE(2),
    inode: message.readUInt32LE(68),
    cgroupId: readCgroup(message),
  };
}

function readCgroup(message: Buffer): number {
  for (let at = messageBytes; at + 4 <= message.length; ) {
    const size = message.readUInt16LE(at);
    if (size < 4 || at + size > message.length) return 0;
    if (message.readUInt16LE(at + 2) === INET_DIAG_CGROUP_ID && size >= 12)
      return Number(message.readBigUInt64LE(at + 4));
    at += (size + 3) & ~3;
  }
  return 0;
}

function inSix(four: Buffer): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(0xffff, 10);
  four.copy(bytes, 12);
  return bytes;
}

/** As events name it. */
export function formatPeer(peer: Buffer): string {
  const bytes = Buffer.from(new Uint8Array(peer).buffer);
  return formatAddress(bytes, new Uint32Array(bytes.buffer), 0, AF_INET6);
}
