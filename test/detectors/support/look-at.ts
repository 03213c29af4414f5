// Shows files to a detector as the conductor does: head first, then chunks of any size.

import { emptyConfig as configOfNothing } from "../../../src/base/empty-config.ts";
import type { Detector, DetectorSettings, OpenedDetector } from "../../../src/findings/detector.ts";
import type { Finding } from "../../../src/model/finding.ts";
import type { ImageConfig } from "../../../src/model/image.ts";
import type { FileEntry } from "../../../src/model/layer.ts";

export type SeenFile = Partial<FileEntry> & { readonly path: string; readonly content?: string | Uint8Array };

export function entryOf({ content = "", ...entry }: SeenFile): FileEntry {
  return {
    kind: "file",
    size: Buffer.byteLength(content),
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    target: "",
    device: "",
    xattrs: {},
    ...entry,
  };
}

/** @param chunkBytes how the content is cut; the bytes of a chunk are overwritten after each call, as a real reader does */
export function showFile(detector: OpenedDetector, file: SeenFile, chunkBytes: number = 65_536): readonly Finding[] {
  const found: Finding[] = [];
  const content = Buffer.from(file.content ?? "");
  const entry = entryOf(file);
  const sink = detector.visit?.(entry, content.subarray(0, 512), (finding) => found.push(finding));
  const chunk = new Uint8Array(chunkBytes);
  for (let at = 0; sink !== undefined && at < content.length; at += chunkBytes) {
    const taken = Math.min(chunkBytes, content.length - at);
    chunk.set(content.subarray(at, at + taken));
    sink.write(chunk.subarray(0, taken));
    chunk.fill(0x2a);
  }
  sink?.end();
  return found;
}

export function openDetector(detector: Detector, settings: Partial<DetectorSettings> = {}): Promise<OpenedDetector> {
  return detector.open({ ruleFiles: [], clamdSocket: "", ...settings });
}

export const emptyConfig: ImageConfig = {
  ...configOfNothing({ os: "linux", architecture: "amd64", variant: "" }),
  user: "1000",
};
