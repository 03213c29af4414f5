// Which of the object's programs this kernel gets: those of the LSM rung only where a trial has shown that they are asked,
// those of a tracepoint or hook only where there is one.

import { type Protection, protections } from "../../model/watch.ts";
import type { KernelTypes } from "./kernel-types.ts";
import { protectionBit } from "./layout.ts";

/** What LSM programs decide where they work; connections stay with the programs of control groups. */
export const ofLsm: readonly Protection[] = ["drift", "memory", "escape", "host-paths"];

export type Choice = {
  readonly wants: (program: string, section: string) => boolean;
  /** For `settings.lsm`. */
  readonly lsmBits: number;
};

export function choosePrograms(types: KernelTypes, hasLsm: boolean): Choice {
  return {
    wants(_program, section) {
      const [kind = "", name = ""] = section.split("/");
      if (kind === "lsm") return hasLsm && types.lsmHook(name) !== undefined;
      if (kind === "tp_btf") return types.hasTracepoint(name);
      return true;
    },
    lsmBits: hasLsm ? ofLsm.reduce((bits, name) => bits | protectionBit(name, protections), 0) : 0,
  };
}
