// One message of the kernel's process connector -> what happened to which process. Whatever has another shape is no message.
// Source: Linux include/uapi/linux/netlink.h (nlmsghdr), connector.h (cn_msg), cn_proc.h (proc_event); numbers of the host's order.

export type ProcessMessage = {
  /** Nanoseconds on the monotonic clock. */
  readonly time: number;
  readonly processor: number;
  /** Of this processor: one more each time, so that a gap is what was lost. 32 bits. */
  readonly sequence: number;
  readonly act: ProcessAct;
};

/** Only of whole processes: what threads do is their process's affair. */
export type ProcessAct =
  | { readonly kind: "fork"; readonly pid: number; readonly childPid: number }
  | { readonly kind: "exec"; readonly pid: number }
  | { readonly kind: "exit"; readonly pid: number; readonly code: number }
  | { readonly kind: "set-user"; readonly pid: number; readonly uid: number }
  | { readonly kind: "traced"; readonly pid: number; readonly tracerPid: number }
  /** Of a thread, or of a kind that nobody asks for: it counts for the sequence. */
  | { readonly kind: "other" };

const netlinkBytes = 16;
const connectorBytes = 20;
const eventBytes = 40;
const NLMSG_DONE = 3;
const CN_IDX_PROC = 1;
const CN_VAL_PROC = 1;
const at = { what: 36, processor: 40, time: 44, data: 52 } as const;
const what = { fork: 0x1, exec: 0x2, uid: 0x4, ptrace: 0x100, exit: 0x8000_0000 } as const;

/** @returns undefined for an answer to a question of somebody; "malformed" for what is no message */
export function decodeMessage(bytes: Buffer): ProcessMessage | undefined | "malformed" {
  if (bytes.length < netlinkBytes + connectorBytes + eventBytes) return "malformed";
  const isProcess =
    bytes.readUInt32LE(0) === bytes.length &&
    bytes.readUInt16LE(4) === NLMSG_DONE &&
    bytes.readUInt32LE(16) === CN_IDX_PROC &&
    bytes.readUInt32LE(20) === CN_VAL_PROC &&
    bytes.readUInt16LE(32) >= eventBytes &&
    bytes.readUInt16LE(32) <= bytes.length - netlinkBytes - connectorBytes;
  if (!isProcess) return "malformed";
  const number = bytes.readUInt32LE(at.what);
  if (number === 0) return undefined;
  return {
    time: Number(bytes.readBigUInt64LE(at.time)),
    processor: bytes.readUInt32LE(at.processor),
    sequence: bytes.readUInt32LE(24),
    act: readAct(number, (place) => bytes.readUInt32LE(at.data + 4 * place)),
  };
}

const other: ProcessAct = { kind: "other" };

function readAct(number: number, word: (place: number) => number): ProcessAct {
  const [first, second] = [word(0), word(1)];
  switch (number) {
    case what.fork:
      return word(2) === word(3) ? { kind: "fork", pid: second, childPid: word(3) } : other;
    case what.exec:
      return { kind: "exec", pid: second };
    case what.exit:
      return first === second ? { kind: "exit", pid: second, code: word(2) } : other;
    case what.uid:
      return first === second ? { kind: "set-user", pid: second, uid: word(3) } : other;
    case what.ptrace:
      // Nobody traces any more: it was let go.
      return word(3) === 0 ? other : { kind: "traced", pid: second, tracerPid: word(3) };
    default:
      return other;
  }
}
