// One way to find something wrong by looking at an image itself: a file's bytes, an entry of a layer, or the config.

import type { Plugin } from "../base/plugin.ts";
import type { Finding } from "../model/finding.ts";
import type { ImageConfig } from "../model/image.ts";
import type { ContentSink, FileEntry } from "../model/layer.ts";
import type { FileProblem } from "../model/package.ts";

export type DetectorSettings = {
  /** Files with rules of the user (YARA, secret rules, hash lists). */
  readonly ruleFiles: readonly string[];
  /** Unix socket of clamd; "" for none. */
  readonly clamdSocket: string;
};

/** A detector that is ready: rules are compiled, sockets known. Lives in one worker thread. */
export interface OpenedDetector {
  /** Changes whenever the same bytes could give another answer: program version, rules, settings. */
  readonly fingerprint: string;
  /** @param found takes what is found, at once or before the layer ends; `layer` is filled in by the caller */
  visit?(entry: FileEntry, head: Uint8Array, found: (finding: Finding) => void): ContentSink | undefined;
  inspectConfig?(config: ImageConfig): readonly Finding[];
  /** Waits for answers that are under way (clamd); called at the end of each layer. */
  settle?(): Promise<void>;
  /** Files that could not be looked at in full, since the last call; asked after `settle`. Never silent, never the end of a scan. */
  takeProblems?(): readonly FileProblem[];
  close(): Promise<void>;
}

export interface Detector extends Plugin {
  /** @throws PlimsollError POLICY_INVALID for a rule file with a mistake, NEED_MISSING when what it needs is not there */
  open(settings: DetectorSettings): Promise<OpenedDetector>;
}
