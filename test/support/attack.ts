// Attacks as data: test/fixtures/attacks/*.yaml, read strictly, so that a mistyped key fails instead of testing nothing.
// docs: test/fixtures/attacks/README.md tells how to write a row.

import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "yaml";

export type Caller = "attacker" | "victim" | "operator";

export type Attack = {
  readonly id: string;
  readonly title: string;
  /** Name of the file it stands in. */
  readonly group: string;
  /** Becomes ${BODY}, ${LENGTH} and ${HEX} for raw steps. */
  readonly body: unknown;
  readonly setup: readonly Step[];
  readonly attack: readonly Step[];
  /** All of them hold when the attack had its effect. */
  readonly works: readonly Check[];
  /** True, or why it has no effect on Debian's dockerd 20.10. */
  readonly live: true | string;
  readonly baseline: Expected;
  readonly observe: Observed;
};

/** Effect and a would-deny on record; or refused, or narrowed to own objects, in every mode: why. */
export type Observed = "passes" | { readonly refused: string } | { readonly filtered: string };

export type Expected =
  /** One of these rules refuses one of the steps, and nothing is left behind. */
  | { readonly denied: readonly string[] }
  /** Not refused by name, yet without effect: why. */
  | { readonly harmless: string }
  /** Legitimate use: why. */
  | { readonly allowed: string }
  /** Not understood as HTTP, so no rule has a name for it: why. The connection ends. */
  | { readonly refused: string };

type StepBase = { readonly as: Caller; readonly save: string };
type BodyKeys = {
  readonly json?: unknown;
  readonly text?: string;
  /** Text whose characters are single bytes. */
  readonly latin1?: string;
  readonly tar?: unknown;
  /** The archive stops without its end mark. */
  readonly endless?: boolean;
  readonly gzip?: boolean;
  /** Repeats the character x this often, as ${PAD}. */
  readonly pad?: number;
};
export type RunStep = StepBase &
  BodyKeys & {
    readonly kind: "run";
    readonly path: string;
    readonly headers: Headers;
    /** Start, wait and read the logs; otherwise the output is what inspect shows. */
    readonly start: boolean;
    readonly startPath: string;
    readonly startJson?: unknown;
  };
export type RequestStep = StepBase &
  BodyKeys & {
    readonly kind: "request";
    readonly request: string;
    readonly headers: Headers;
    readonly timeoutMs?: number;
  };
export type RawStep = StepBase & { readonly kind: "raw"; readonly raw: readonly RawPiece[]; readonly until?: string };
export type RawPiece = string | { readonly latin1: string } | { readonly websocket: string };
/** Something on the host, by the one who runs the test: a folder, a link, a listening unix socket. */
export type HostStep = StepBase & {
  readonly kind: "host";
  readonly mkdir?: string;
  readonly symlink?: readonly string[];
  readonly listen?: string;
};
/** Waits until the engine's answer matches, for things that happen in the background. */
export type AwaitStep = StepBase & { readonly kind: "await"; readonly await: string; readonly matches: string };
export type Step = RunStep | RequestStep | RawStep | HostStep | AwaitStep;

export type Headers = Readonly<Record<string, string | null>>;

export type Check = {
  /** What is looked at: a step's `output`, an `engine` GET, a `file` on the host, what the probe `heard`. */
  readonly of: "output" | "engine" | "file" | "heard";
  /** Step name, path of the GET, or file path. */
  readonly name: string;
  readonly matches?: string;
  readonly contains?: string;
  readonly status?: number;
  readonly not: boolean;
};

/** Rows that mean something to one engine alone, by its name; they are played where it is (`npm run test:engines`). */
const enginesOwn: readonly string[] = ["podman"];

/** Every row of every file but those of one engine alone, in file order; or the rows of these files. @throws Error on a key that no row has, or on an id used twice */
export function loadAttacks(...groups: readonly string[]): readonly Attack[] {
  const folder = new URL("../fixtures/attacks/", import.meta.url).pathname;
  const files = globSync(`${folder}*.yaml`).sort();
  const chosen = files.filter((file) =>
    groups.length === 0 ? !enginesOwn.includes(groupOf(file)) : groups.includes(groupOf(file)),
  );
  const attacks = chosen.flatMap((file) => rows(parse(readFileSync(file, "utf8"), { merge: true }), groupOf(file)));
  const ids = new Set<string>();
  for (const { id } of attacks) {
    if (ids.has(id)) throw new Error(`two attacks are called ${id}`);
    ids.add(id);
  }
  return attacks;
}

function groupOf(file: string): string {
  return basename(file, ".yaml");
}

function rows(document: unknown, group: string): readonly Attack[] {
  if (!Array.isArray(document)) throw new Error(`${group}.yaml: expected a list of rows`);
  return document.map((row) => toAttack(new Keys(row, group), group));
}

function toAttack(row: Keys, group: string): Attack {
  const id = row.text("id");
  const keys = row.named(`${group}.yaml ${id}`);
  const live = keys.take("live") ?? true;
  if (live !== true && typeof live !== "string") throw new Error(`${id}: live is true or the reason why not`);
  const attack: Attack = {
    id,
    title: keys.text("title"),
    group,
    body: keys.take("body"),
    setup: keys.list("setup").map((step) => toStep(new Keys(step, id), "victim")),
    attack: keys.list("attack").map((step) => toStep(new Keys(step, id), "attacker")),
    works: keys.list("works").map((check) => toCheck(new Keys(check, id))),
    live,
    baseline: toExpected(new Keys(keys.take("baseline"), id)),
    observe: toObserve(keys.take("observe") ?? "passes", id),
  };
  keys.end();
  return attack;
}

function toExpected(keys: Keys): Expected {
  const denied = keys.take("denied");
  const harmless = keys.take("harmless");
  const allowed = keys.take("allowed");
  const refused = keys.take("refused");
  keys.end();
  if (Array.isArray(denied)) return { denied: denied.map(String) };
  if (typeof harmless === "string") return { harmless };
  if (typeof allowed === "string") return { allowed };
  if (typeof refused === "string") return { refused };
  throw new Error(`${keys.where}: baseline is one of denied, harmless, allowed and refused`);
}

function toObserve(value: unknown, id: string): Observed {
  if (value === "passes") return "passes";
  const keys = new Keys(value, id);
  const filtered = keys.optional("filtered");
  const observed = filtered === undefined ? { refused: keys.text("refused") } : { filtered };
  keys.end();
  return observed;
}

function toStep(keys: Keys, by: Caller): Step {
  const as: unknown = keys.take("as") ?? by;
  if (as !== "attacker" && as !== "victim" && as !== "operator")
    throw new Error(`${keys.where}: nobody is called ${as}`);
  const base: StepBase = { as, save: keys.optional("save") ?? "last" };
  const step = oneStep(keys, base);
  keys.end();
  return step;
}

function oneStep(keys: Keys, base: StepBase): Step {
  const run = keys.take("run");
  if (run !== undefined) {
    const json = run === "text" ? {} : { json: run };
    const start = keys.take("start") !== false;
    const startPath = keys.optional("startPath") ?? "/containers/ID/start";
    const path = keys.optional("path") ?? "/v1.41/containers/create";
    const body = { ...json, ...bodyKeys(keys) };
    return {
      ...base,
      kind: "run",
      start,
      startPath,
      startJson: keys.take("startJson"),
      path,
      headers: headers(keys),
      ...body,
    };
  }
  const raw = keys.take("raw");
  if (Array.isArray(raw))
    return { ...base, kind: "raw", raw: raw.map(toPiece), ...present("until", keys.optional("until")) };
  const awaited = keys.optional("await");
  if (awaited !== undefined) return { ...base, kind: "await", await: awaited, matches: keys.text("matches") };
  const request = keys.optional("request");
  if (request !== undefined) {
    const timeout = keys.take("timeoutMs");
    return {
      ...base,
      kind: "request",
      request,
      headers: headers(keys),
      ...present("timeoutMs", typeof timeout === "number" ? timeout : undefined),
      ...bodyKeys(keys),
    };
  }
  const symlink = keys.list("symlink").map(String);
  return {
    ...base,
    kind: "host",
    ...present("mkdir", keys.optional("mkdir")),
    ...present("listen", keys.optional("listen")),
    ...(symlink.length === 2 ? { symlink } : {}),
  };
}

function bodyKeys(keys: Keys): BodyKeys {
  const pad = keys.take("pad");
  return {
    ...present("json", keys.take("json")),
    ...present("text", keys.optional("text")),
    ...present("latin1", keys.optional("latin1")),
    ...present("tar", keys.take("tar")),
    ...(keys.take("gzip") === true ? { gzip: true } : {}),
    ...(keys.take("endless") === true ? { endless: true } : {}),
    ...(typeof pad === "number" ? { pad } : {}),
  };
}

function headers(keys: Keys): Headers {
  const given = keys.take("headers") ?? {};
  const pairs = Object.entries(given).map(([name, value]) => [name, value === null ? null : String(value)]);
  return Object.fromEntries(pairs);
}

function toPiece(piece: unknown): RawPiece {
  if (typeof piece === "string") return piece;
  const keys = new Keys(piece, "raw piece");
  const latin1 = keys.optional("latin1");
  return latin1 === undefined ? { websocket: keys.text("websocket") } : { latin1 };
}

function toCheck(keys: Keys): Check {
  const kinds = ["output", "engine", "file", "heard"] as const;
  const of = kinds.find((kind) => keys.has(kind));
  if (of === undefined) throw new Error(`${keys.where}: a check looks at one of ${kinds.join(", ")}`);
  const status = keys.take("status");
  const check: Check = {
    of,
    name: String(keys.take(of)),
    ...present("matches", keys.optional("matches")),
    ...present("contains", keys.optional("contains")),
    ...(typeof status === "number" ? { status } : {}),
    not: keys.take("not") === true,
  };
  keys.end();
  return check;
}

function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  const pair: { [P in K]?: V } = {};
  if (value !== undefined) pair[key] = value;
  return pair;
}

/** An object whose keys are taken one by one; what is left at the end is a mistake. */
class Keys {
  readonly where: string;
  readonly #left: Map<string, unknown>;

  constructor(value: unknown, where: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Error(`${where}: expected keys and values, found ${JSON.stringify(value)}`);
    }
    this.where = where;
    this.#left = new Map(Object.entries(value));
  }

  named(where: string): Keys {
    return new Keys(Object.fromEntries(this.#left), where);
  }

  has(key: string): boolean {
    return this.#left.has(key);
  }

  take(key: string): unknown {
    const value = this.#left.get(key);
    this.#left.delete(key);
    return value ?? undefined;
  }

  text(key: string): string {
    const value = this.optional(key);
    if (value === undefined) throw new Error(`${this.where}: ${key} is missing`);
    return value;
  }

  optional(key: string): string | undefined {
    const value = this.take(key);
    if (value !== undefined && typeof value !== "string") throw new Error(`${this.where}: ${key} is not text`);
    return value;
  }

  list(key: string): readonly unknown[] {
    const value = this.take(key) ?? [];
    if (!Array.isArray(value)) throw new Error(`${this.where}: ${key} is not a list`);
    return value;
  }

  end(): void {
    if (this.#left.size > 0) throw new Error(`${this.where}: nobody knows ${[...this.#left.keys()].join(", ")}`);
  }
}
