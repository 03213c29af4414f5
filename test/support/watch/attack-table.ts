// The attacks of the watch as data: test/fixtures/watch-attacks/*.yaml, read strictly, so that a mistyped key fails instead of
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

export type Setup = {
  readonly name: string;
  readonly only: Place | undefined;
  /** Another container that holds secrets runs beside it. */
  readonly hasVictim: boolean;
  /** The only protection that has the level; all others are off. Default: all have it. */
  readonly protection: Protection | undefined;
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
  /** Why nobody tells of it, by place: a gap that the documentation tells. */
  readonly gap: Readonly<Partial<Record<Place, string>>>;
};

const place: Decoder<Place> = literal("host", "guest");

const setupsShape = exactObject({
  setups: record(
    exactObject({
      only: optional(place),
      victim: optional(boolean),
      protection: optional(literal(...protections)),
      HostConfig: record(anything),
    }),
  ),
});

const attacksShape = exactObject({
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
      gap: optional(record(string)),
    }),
  ),
});

const folder = join(import.meta.dirname, "../../fixtures/watch-attacks");

export function loadWatchAttacks(): readonly WatchAttack[] {
  const { setups } = decode(setupsShape, readYaml("setups.yaml"), { code: "MALFORMED_INPUT", where: "setups.yaml" });
  const setupOf = (name: string): Setup => {
    const found = setups[name];
    if (found === undefined) throw new Error(`no setup ${name} in setups.yaml`);
    const { only, protection, HostConfig: hostConfig } = found;
    return { name, only, hasVictim: found.victim === true, protection, hostConfig };
  };
  const attacks = globSync("*.yaml", { cwd: folder })
    .filter((file) => file !== "setups.yaml")
    .sort()
    .flatMap((file) => readGroup(file, setupOf));
  const twice = attacks.filter(({ name }, index) => attacks.findIndex((other) => other.name === name) !== index);
  if (twice.length > 0) throw new Error(`attacks that are there twice: ${twice.map(({ name }) => name).join(", ")}`);
  return attacks;
}

function readGroup(file: string, setupOf: (name: string) => Setup): readonly WatchAttack[] {
  const rows = decode(attacksShape, readYaml(file), { code: "MALFORMED_INPUT", where: file, hint: "see README.md" });
  return rows.attacks.map((row) => ({
    ...{ name: row.name ?? row.act, title: row.title ?? row.act, group: basename(file, ".yaml") },
    ...{ act: row.act, words: row.with ?? [], setup: setupOf(row.in) },
    protection: row.protection,
    kinds: typeof row.kind === "string" ? [row.kind] : row.kind,
    rule: row.rule,
    dead: row.dead ?? {},
    gap: row.gap ?? {},
  }));
}

function readYaml(file: string): unknown {
  return parse(readFileSync(join(folder, file), "utf8"));
}

export const here: Place = process.env["PLIMSOLL_GUEST"] === "1" ? "guest" : "host";

/** Those that may be played here, by the container they are played in. */
export function bySetup(attacks: readonly WatchAttack[], at: Place): ReadonlyMap<string, readonly WatchAttack[]> {
  const played = attacks.filter(({ setup }) => setup.only === undefined || setup.only === at);
  return Map.groupBy(played, ({ setup }) => setup.name);
}
