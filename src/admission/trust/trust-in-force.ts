// The trust file that is in force: read again when it changes, as a whole or not at all. Once there was one, enforcement does
// not end because the file is gone or has a mistake: the last good one stays.

import { statSync } from "node:fs";
import { errorText, PlimsollError } from "../../base/errors.ts";
import type { SourceSettings } from "../../image/source.ts";
import type { TrustFile } from "../../trust/file/trust-file.ts";
import { type KnownImages, openKnownImages } from "./known-images.ts";
import { openTrustFile } from "./open-trust-file.ts";
import { openSeenCounters } from "./seen-counters.ts";
import { openTrustDesk, type TrustDesk } from "./trust-desk.ts";

export type TrustGeneration = {
  readonly path: string;
  readonly file: TrustFile;
  readonly desk: TrustDesk;
};

export interface TrustInForce {
  /** The newest good generation; undefined while there never was a trust file: nothing is demanded then. */
  current(): TrustGeneration | undefined;
  /** Reads it again, changed or not. @throws PlimsollError CONFIG_INVALID; the last good one stays in force */
  reload(): void;
}

export type TrustInForceOptions = {
  readonly path: string;
  /** The operator named it: it has to be there. */
  readonly isRequired: boolean;
  readonly settings: SourceSettings;
  /** Counters that were seen, what was verified. */
  readonly folder: string;
  readonly notice: (text: string) => void;
  readonly nowMs: () => number;
};

/** How often the file is looked at, at most. */
const lookEveryMs = 500;

/** @throws PlimsollError CONFIG_INVALID when the first file has a mistake */
export function openTrustInForce(options: TrustInForceOptions): TrustInForce {
  const counters = openSeenCounters(options.folder);
  const known = openKnownImages(options.folder);
  let stamp = stampOf(options.path);
  let lookedMs = options.nowMs();
  let generation = stamp === "" && !options.isRequired ? undefined : read(options, counters, known);
  const readAgain = (): void => {
    generation = read(options, counters, known);
    options.notice(`trust file ${options.path} is in force (counter ${generation.file.counter})`);
  };
  return {
    current() {
      const nowMs = options.nowMs();
      if (Math.abs(nowMs - lookedMs) < lookEveryMs) return generation;
      lookedMs = nowMs;
      const now = stampOf(options.path);
      if (now === stamp) return generation;
      stamp = now;
      try {
        if (now !== "" || generation !== undefined) readAgain();
      } catch (thrown) {
        options.notice(`the trust file has a mistake, the last good one stays in force: ${errorText(thrown)}`);
      }
      return generation;
    },
    reload() {
      stamp = stampOf(options.path);
      if (stamp !== "" || generation !== undefined) readAgain();
    },
  };
}

function read(
  { path, settings, nowMs }: TrustInForceOptions,
  counters: ReturnType<typeof openSeenCounters>,
  known: KnownImages,
): TrustGeneration {
  checkAccess(path);
  const file = openTrustFile(path, counters);
  return { path, file, desk: openTrustDesk({ file, settings, counters, known, nowMs }) };
}

/** A trust file that everybody may write is nobody's. */
function checkAccess(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || (found.mode & 0o002) === 0) return;
  throw new PlimsollError("CONFIG_INVALID", `${path}: everybody may write it`, { hint: `run chmod o-w ${path}` });
}

/** Another content is another file, another time or another size. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.ino} ${found.mtimeMs} ${found.size}`;
}
