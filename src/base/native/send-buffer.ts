// A larger send buffer for one socket. Who writes to a unix socket is woken when three quarters of the buffer are free: with the
// usual 208 KiB the reader has nothing to read while the writer wakes up.
// Source: unix(7); socket(7), SO_SNDBUF and SO_SNDBUFFORCE.

import { lazily } from "../lazily.ts";
import { openSharedLibrary } from "./shared-library.ts";

const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_SNDBUFFORCE = 32;

const library = lazily(() => {
  try {
    const libc = openSharedLibrary(null, "install the optional dependencies of koffi for this platform");
    return { setOption: libc.declare("int setsockopt(int, int, int, const void *, uint32_t)") };
  } catch {
    return { setOption: () => 0 }; // without native calls a transfer takes a little longer
  }
});

/** Without the right to it the system's limit holds (net.core.wmem_max). */
export function widenSendBuffer(fd: number, bytes: number): void {
  if (process.platform !== "linux") return;
  const { setOption } = library();
  const value = Buffer.alloc(4);
  value.writeInt32LE(bytes);
  if (Number(setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, value, 4)) === 0) return;
  setOption(fd, SOL_SOCKET, SO_SNDBUF, value, 4);
}
