// Every packet of one interface, read in place from a ring that the kernel fills.
// Source: packet(7); Documentation/networking/packet_mmap.rst, TPACKET_V3; include/uapi/linux/if_packet.h.

import { PlimsollError } from "../../base/errors.ts";
import { lazily } from "../../base/lazily.ts";
import { openSharedLibrary } from "../../base/native/shared-library.ts";

export type CapturedFrame = {
  /** Into the ring: only until the handler returns. */
  readonly bytes: Uint8Array;
  /** On the wire. */
  readonly length: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  /** This host sent it out of the interface. */
  readonly isSent: boolean;
};

export interface PacketSocket {
  /** Packets that the kernel had no room for, in all. */
  dropped(): number;
  close(): void;
}

export type PacketSocketOptions = {
  readonly interfaceIndex: number;
  readonly onFrame: (frame: CapturedFrame) => void;
  /** 1 MiB each; default 8. */
  readonly blocks?: number;
};

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const ETH_P_ALL = 3;
const SOL_PACKET = 263;
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const TPACKET_V3 = 2;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const ofUser = 1;
const packetOutgoing = 4;
const blockBytes = 2 ** 20;
const frameBytes = 2048;
/** A block that is not full is handed over after so long. */
const retireMs = 20;
const pollMs = 10;
/** sizeof(struct tpacket3_hdr), aligned: the address of the link layer follows. */
const frameHeaderBytes = 48;

const system = lazily(() => {
  const libc = openSharedLibrary(null, "install the optional dependencies of koffi for this platform");
  return {
    errno: libc.errno,
    view: libc.view,
    socket: libc.declare("int socket(int, int, int)"),
    setOption: libc.declare("int setsockopt(int, int, int, const void *, uint32_t)"),
    getOption: libc.declare("int getsockopt(int, int, int, _Out_ void *, _Inout_ uint32_t *)"),
    bind: libc.declare("int bind(int, const void *, uint32_t)"),
    mmap: libc.declare("void *mmap(void *, size_t, int, int, int, int64_t)"),
    munmap: libc.declare("int munmap(void *, size_t)"),
    close: libc.declare("int close(int)"),
  };
});

/** @throws PlimsollError NEED_MISSING without CAP_NET_RAW, or when the interface is gone */
export function openPacketSocket({ interfaceIndex, onFrame, blocks = 8 }: PacketSocketOptions): PacketSocket {
  const fd = openBound(interfaceIndex, blocks);
  const { mmap, munmap, view, close } = system();
  const pointer = mmap(null, blocks * blockBytes, PROT_READ_WRITE, MAP_SHARED, fd, 0);
  const memory = view(pointer, blocks * blockBytes);
  const ring = { words: new Uint32Array(memory), bytes: new Uint8Array(memory), blocks };
  let next = 0;
  let dropped = 0;
  const read = (): void => {
    next = readBlocks(ring, next, onFrame);
  };
  const timer = setInterval(read, pollMs);
  return {
    dropped() {
      dropped += readDrops(fd);
      return dropped;
    },
    close() {
      clearInterval(timer);
      read();
      munmap(pointer, blocks * blockBytes);
      close(fd);
    },
  };
}

function openBound(interfaceIndex: number, blocks: number): number {
  const { socket, setOption, bind, close } = system();
  // Of protocol 0 until it is bound: no packet of another interface gets in between.
  const fd = Number(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (fd < 0) throw refused("socket");
  const version = Buffer.alloc(4);
  version.writeInt32LE(TPACKET_V3);
  const request = Buffer.alloc(28);
  const frames = (blockBytes / frameBytes) * blocks;
  for (const [at, value] of [blockBytes, blocks, frameBytes, frames, retireMs, 0, 0].entries())
    request.writeUInt32LE(value, 4 * at);
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16BE(ETH_P_ALL, 2);
  address.writeInt32LE(interfaceIndex, 4);
  const isOpen =
    setOption(fd, SOL_PACKET, PACKET_VERSION, version, 4) === 0 &&
    setOption(fd, SOL_PACKET, PACKET_RX_RING, request, request.length) === 0 &&
    bind(fd, address, address.length) === 0;
  if (isOpen) return fd;
  const error = refused("the interface");
  close(fd);
  throw error;
}

type Ring = { readonly words: Uint32Array; readonly bytes: Uint8Array; readonly blocks: number };

/** Hands over every block that the kernel has given us. @returns the block to look at next */
function readBlocks(ring: Ring, from: number, onFrame: PacketSocketOptions["onFrame"]): number {
  let block = from;
  for (let count = 0; count < ring.blocks; count++) {
    const at = block * blockBytes;
    const status = (at + 8) / 4;
    if ((Atomics.load(ring.words, status) & ofUser) === 0) break;
    try {
      readBlock(ring, at, onFrame);
    } finally {
      Atomics.store(ring.words, status, 0);
    }
    block = (block + 1) % ring.blocks;
  }
  return block;
}

function readBlock({ words, bytes }: Ring, at: number, onFrame: PacketSocketOptions["onFrame"]): void {
  const count = words[(at + 12) / 4] ?? 0;
  let frame = at + (words[(at + 16) / 4] ?? 0);
  for (let index = 0; index < count; index++) {
    const kept = words[(frame + 12) / 4] ?? 0;
    const start = frame + ((bytes[frame + 24] ?? 0) | ((bytes[frame + 25] ?? 0) << 8));
    onFrame({
      bytes: bytes.subarray(start, start + kept),
      length: words[(frame + 16) / 4] ?? 0,
      time: BigInt(words[(frame + 4) / 4] ?? 0) * 1_000_000_000n + BigInt(words[(frame + 8) / 4] ?? 0),
      isSent: bytes[frame + frameHeaderBytes + 10] === packetOutgoing,
    });
    frame += words[frame / 4] ?? 0;
  }
}

/** Reading them sets them back. */
function readDrops(fd: number): number {
  const statistics = Buffer.alloc(12);
  return system().getOption(fd, SOL_PACKET, PACKET_STATISTICS, statistics, [12]) === 0 ? statistics.readUInt32LE(4) : 0;
}

function refused(what: string): PlimsollError {
  const errno = system().errno();
  const hint =
    errno === 1 || errno === 13
      ? "run it as root: packets are read with CAP_NET_RAW"
      : "look whether the container still runs";
  return new PlimsollError("NEED_MISSING", `packets cannot be read: ${what} was refused (errno ${errno})`, { hint });
}
