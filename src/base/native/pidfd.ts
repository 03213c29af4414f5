// A signal to one process and no other: the pid may have been used again since somebody noted it, a pidfd never is.
// Source: pidfd_open(2), pidfd_send_signal(2); proc_pid_stat(5), field 22.

import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { lazily } from "../lazily.ts";
import { openLibc } from "./libc.ts";

const pidfdSendSignal = 424;
const pidfdOpen = 434;
const noSuchProcess = constants.errno.ESRCH;

const calls = lazily(() => {
  const libc = openLibc();
  return {
    call: libc.declare("long syscall(long number, long first, long second, long third, long fourth)"),
    close: libc.declare("int close(int fd)"),
    errno: libc.errno,
  };
});

/**
 * @param startedAt nanoseconds since boot, as noted when the process was seen
 * @returns false when that process has ended already
 * @throws Error when the system refuses, PlimsollError NEED_MISSING without native calls
 */
export function killProcess(pid: number, startedAt: number): boolean {
  const { call, close, errno } = calls();
  const fd = Number(call(pidfdOpen, pid, 0, 0, 0));
  if (fd < 0) return failed("pidfd_open", errno());
  try {
    // Read after the pidfd was opened: if it is the process of then, it is the one that the pidfd holds.
    if (startTicks(pid) !== ticksOf(startedAt)) return false;
    return (
      Number(call(pidfdSendSignal, fd, constants.signals.SIGKILL, 0, 0)) === 0 || failed("pidfd_send_signal", errno())
    );
  } finally {
    close(fd);
  }
}

function failed(what: string, errno: number): false {
  if (errno === noSuchProcess) return false;
  throw new Error(`${what}: error ${errno}`);
}

/** /proc counts hundredths of a second. */
function ticksOf(startedAt: number): number {
  return Math.floor(startedAt / 10_000_000);
}

function startTicks(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  } catch {
    return Number.NaN; // gone
  }
}
