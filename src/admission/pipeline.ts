// Admission: image bytes -> layers -> inventory -> findings -> verdict. One image, read top to bottom.

import type { ScanResult } from "../model/scan.ts";
import { findWeaknesses } from "./find-weaknesses.ts";
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

async function readImage(subject: string, room: ScanRoom) {
  const image = await openImage(subject, room.sources);
  try {
    return { description: image.description, contents: await readContents(image, room) };
  } finally {
    await image.close();
  }
}
