// Packets of one container into a file that Wireshark opens, until somebody or a limit says stop.

import { CaptureFile } from "./capture-file.ts";
import { type ObservedFrame, observeNetwork } from "./observe-network.ts";
import { pcapngHeader, pcapngPacket } from "./pcapng.ts";

export type CaptureOptions = {
  readonly pid: number;
  /** Must not exist yet; - is standard output. */
  readonly file: string;
  /** `plimsoll 0.1.0` */
  readonly application: string;
  /** Bytes kept of each packet. */
  readonly snapLength: number;
  /** The file grows no further; the capture ends. */
  readonly maxBytes: number;
  /** At most once; `close` is still to be called. */
  readonly onEnd: (why: "full" | "failed", error: unknown) => void;
};

/** `dropped` by the kernel, which had no room for them. */
export type CaptureCounts = { readonly packets: number; readonly bytes: number; readonly dropped: number };

export interface Capture {
  counts(): CaptureCounts;
  close(): CaptureCounts;
}

/** @throws PlimsollError NEED_MISSING, USAGE */
export function startCapture(options: CaptureOptions): Capture {
  using opened = new DisposableStack();
  let packets = 0;
  let file: CaptureFile | undefined;
  const take = (frame: ObservedFrame): void => {
    if (file === undefined) return;
    const kept = frame.bytes.subarray(0, options.snapLength);
    const block = pcapngPacket({ ...frame, bytes: kept, interface: frame.link });
    const why = append(file, block, options.maxBytes);
    if (why === undefined) packets += 1;
    else {
      file = undefined;
      options.onEnd(why.kind, why.error);
    }
  };
  const network = observeNetwork(options.pid, take);
  opened.defer(() => network.close());
  const made = new CaptureFile(options.file);
  const names = network.links.map(({ name }) => name);
  made.append(pcapngHeader(options.application, names, options.snapLength));
  file = made;
  const all = opened.move();
  const counts = (): CaptureCounts => ({ packets, bytes: made.bytes, dropped: network.dropped() });
  return {
    counts,
    close() {
      const dropped = network.dropped();
      // The last packets come while it closes.
      all.dispose();
      made.close();
      return { packets, bytes: made.bytes, dropped };
    },
  };
}

type Ending = { readonly kind: "full" | "failed"; readonly error: unknown };

function append(file: CaptureFile, block: Buffer, maxBytes: number): Ending | undefined {
  if (file.bytes + block.length > maxBytes) return { kind: "full", error: undefined };
  try {
    file.append(block);
    return undefined;
  } catch (error) {
    return { kind: "failed", error };
  }
}
