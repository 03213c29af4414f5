// A layer's analysis as bytes: JSON, and behind it the recorded paths as they are.

import { malformed } from "../../base/errors.ts";
import type { LayerAnalysis } from "../layer/analysis.ts";

const lengthBytes = 4;

export function packAnalysis({ paths, ...rest }: LayerAnalysis): Uint8Array {
  const json = Buffer.from(JSON.stringify(rest));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, paths]);
}

/** @param bytes of packAnalysis, whose hash was checked @throws PlimsollError MALFORMED_INPUT */
export function unpackAnalysis(bytes: Buffer): LayerAnalysis {
  if (bytes.length < lengthBytes) throw malformed("kept analysis", "no length");
  const end = lengthBytes + bytes.readUInt32LE(0);
  if (end > bytes.length) throw malformed("kept analysis", "shorter than it says");
  const rest: Omit<LayerAnalysis, "paths"> = JSON.parse(bytes.toString("utf8", lengthBytes, end));
  return { ...rest, paths: bytes.subarray(end) };
}
