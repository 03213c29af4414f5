// What an event of one kind has beside what all have: the three numbers of the record, by name.

import type { KernelEventKind } from "../../model/watch.ts";

type Details = KernelEventDetails;
type KernelEventDetails = Readonly<Record<string, number | string>>;

export type RawDetails = {
  readonly call: number;
  readonly family: number;
  readonly flags: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
};

const none: Details = Object.freeze({});
const script: Details = Object.freeze({ isScript: 1 });

export function readDetails(kind: KernelEventKind, raw: RawDetails): Details {
  switch (kind) {
    case "exec":
      return raw.b === 0 ? none : script;
    case "fork":
      return { startedAt: raw.a, containerPid: raw.c };
    case "exit":
      return { status: (raw.a >>> 8) & 0xff, signal: raw.a & 0x7f };
    default:
      return none;
  }
}
