// The attacks of the watch as data: test/watch/attacks/*.yaml, read strictly, so that a mistyped key fails instead of
// testing nothing. README.md there tells how to write a row.

import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import {
  anything,
  array,
  boolean,
  type Decoder,
  decode,
  either,
  exactObject,
  literal,
  optional,
  record,
  string,
} from "../../../src/base/schema.ts";
import { type Protection, protections } from "../../../src/model/watch.ts";

/** Where a row is played: on this host's kernel, or in the guest, which has BPF LSM. */
export type Place = "host" | "guest";

/** What the watch can do about a row at best: `none` is a gap that is told. */
export type Reach = "blocked" | "detected" | "none";

export type Setup = {
  readonly name: string;
  readonly only: Place | undefined;
  /** Another container that holds secrets runs beside it. */
  readonly hasVictim: boolean;
  readonly hostConfig: Readonly<Record<string, unknown>>;
};

export type WatchAttack = {
  readonly name: string;
  readonly title: string;
  /** Name of the file it stands in. */
  readonly group: string;
  readonly act: string;
  readonly words: readonly string[];
  readonly setup: Setup;
  readonly protection: Protection;
  readonly kinds: readonly string[];
  /** Name of the rule that tells of it; undefined: any of this protection. */
  readonly rule: string | undefined;
  /** Why it has no effect even where nobody watches, by place. */
  readonly dead: Readonly<Partial<Record<Place, string>>>;
};

const place: Decoder<Place> = literal("host", "guest");

const fileShape = exactObject({
  setups: record(exactObject({ only: optional(place), victim: optional(boolean), HostConfig: record(anything) })),
  attacks: array(
    exactObject({
      act: string,
      name: optional(string),
      title: optional(string),
      with: optional(array(string)),
      in: string,
      protection: literal(...protections),
      kind: either(string, array(string)),
      rule: optional(string),
      dead: optional(record(string)),
    }),
  ),
});

export function loadWatchAttacks(): readonly WatchAttack[] {
  const folder = join(import.meta.dirname, "../../watch/attacks");
  const attacks = globSync("*.yaml", { cwd: folder })
    .sort()
    .flatMap((file) => readGroup(basename(file, ".yaml"), readFileSync(join(folder, file), "utf8")));
  const twice = attacks.filter(({ name }, index) => attacks.findIndex((other) => other.name === name) !== index);
  if (twice.length > 0) throw new Error(`attacks that are there twice: ${twice.map(({ name }) => name).join(", ")}`);
  return attacks;
}

function readGroup(group: string, text: string): readonly WatchAttack[] {
  const file = decode(fileShape, parse(text), {
    code: "MALFORMED_INPUT",
    where: `${group}.yaml`,
    hint: "see README.md",
  });
  return file.attacks.map((row) => {
    const setup = file.setups[row.in];
    const name = row.name ?? row.act;
    if (setup === undefined) throw new Error(`${group}.yaml: ${name}: no setup ${row.in}`);
    return {
      ...{ name, title: row.title ?? row.act, group, act: row.act, words: row.with ?? [] },
      setup: {
        ...{ name: row.in, only: setup.only, hasVictim: setup.victim === true },
        hostConfig: setup.HostConfig,
      },
      protection: row.protection,
      kinds: typeof row.kind === "string" ? [row.kind] : row.kind,
      rule: row.rule,
      dead: row.dead ?? {},
    };
  });
}

export const here: Place = process.env["PLIMSOLL_GUEST"] === "1" ? "guest" : "host";

/** Those that may be played here, by the container they are played in. */
export function bySetup(attacks: readonly WatchAttack[], at: Place): ReadonlyMap<string, readonly WatchAttack[]> {
  const played = attacks.filter(({ setup }) => setup.only === undefined || setup.only === at);
  return Map.groupBy(played, ({ setup }) => setup.name);
}
