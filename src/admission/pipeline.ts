// Admission: image bytes -> layers -> inventory -> findings -> verdict. One image, read top to bottom.

import type { ScanResult } from "../model/scan.ts";
import { findWeaknesses } from "./find-weaknesses.ts";
import type { KnownImage } from "./merge/image-contents.ts";
import { openImage } from "./open-image.ts";
import { readContents } from "./read-contents.ts";
import { openSbom } from "./sbom/open-sbom.ts";
import type { ScanRoom } from "./scan-room.ts";

/** @throws PlimsollError when the image is not there, or cannot be read to its end */
export async function scanImage(subject: string, room: ScanRoom): Promise<ScanResult> {
  const startedMs = room.nowMs();
  const { description, contents } = openSbom(subject) ?? (await readImage(subject, room));
  const { inventory, findings, suppressed, advisoryData } = findWeaknesses(contents, description, room);
  const unjudged: ScanResult = {
    image: description,
    layers: contents.layers,
    inventory,
    findings,
    suppressed,
    advisoryData,
    decision: undefined,
    scannedAt: new Date(room.nowMs()).toISOString(),
    durationMs: room.nowMs() - startedMs,
    tool: room.tool,
  };
  return { ...unjudged, decision: room.judge?.(unjudged) };
}

async function readImage(subject: string, room: ScanRoom): Promise<KnownImage> {
  const found = await openImage(subject, room.sources, room.cache);
  if (found.kind === "known") return found.known;
  try {
    return { description: found.image.description, contents: await readContents(found.image, room) };
  } finally {
    await found.image.close();
  }
}
