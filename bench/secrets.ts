// What looking for secrets costs for each byte, beside what one would take instead: an Aho-Corasick automaton over the
// same literals, and one regular expression of all of them. On the files of this machine. Usage: node bench/secrets.ts [FOLDER]

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { secrets } from "../src/findings/detectors/secrets.ts";
import { fileKind } from "../src/findings/file-kind.ts";
import { type Literal, makeLiteralScreen } from "../src/findings/literal-screen.ts";
import { secretRules } from "../src/findings/secrets/rules.ts";
import { bar, table } from "./support/statistics.ts";

const folder = process.argv[2] ?? "/usr";
const wantedBytes = 150e6;
const rounds = 3;

const { texts, programs } = readFiles();
const literals: readonly Literal[] = secretRules
  .filter(({ paths }) => paths === undefined)
  .flatMap((rule) => rule.literals.map((text) => ({ text, isCaseless: rule.isCaseless })));
const screen = makeLiteralScreen(literals);
const pattern = new RegExp(literals.map(({ text }) => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&")).join("|"), "gi");
const automaton = makeAutomaton(literals.map(({ text }) => text.toLowerCase()));
const detector = await secrets.open({ ruleFiles: [], clamdSocket: "" });

const contenders: Readonly<Record<string, (content: Buffer) => void>> = {
  "screen alone": (content) => screen.scan(content, content.length, () => {}),
  "Aho-Corasick": automaton,
  "one regular expression": (content) => {
    for (const _ of content.toString("latin1").matchAll(pattern));
  },
  "whole detector": detect,
};

const rows = Object.entries(contenders).map(
  ([name, look]) => [name, speed(look, texts), speed(look, programs)] as const,
);
const whole = rows.at(-1)?.slice(1).map(Number) ?? [];
const bars = [bar("whole detector, slower of the two", Math.min(...whole), "at-least", 250, "MB/s")];
const cells = rows.map(([name, text, program]) => [name, text.toFixed(0), program.toFixed(0)]);
process.stdout.write(
  `${table(["MB/s of one processor", `${texts.length} texts`, `${programs.length} programs`], cells)}\n\n`,
);
for (const { ok, name, value, limit, unit } of bars)
  process.stdout.write(`${ok ? "ok    " : "MISSED"} ${name}: ${value} ${unit}, wanted ${limit}\n`);
await detector.close();

function detect(content: Buffer): void {
  const entry = {
    path: "x",
    kind: "file",
    size: content.length,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    target: "",
    device: "",
    xattrs: {},
  } as const;
  const sink = detector.visit?.(entry, content.subarray(0, 512), () => {});
  for (let at = 0; sink !== undefined && at < content.length; at += 65_536)
    sink.write(content.subarray(at, at + 65_536));
  sink?.end();
}

/** Processor time counts: other work on the machine does not make a contender slower. */
function speed(look: (content: Buffer) => void, files: readonly Buffer[]): number {
  const bytes = files.reduce((sum, { length }) => sum + length, 0);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    for (const content of files) look(content);
    best = Math.min(best, process.cpuUsage(before).user);
  }
  return bytes / best;
}

function readFiles(): { readonly texts: readonly Buffer[]; readonly programs: readonly Buffer[] } {
  const group = (): { files: Buffer[]; bytes: number } => ({ files: [], bytes: 0 });
  const found = { text: group(), program: group() };
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of readdirSync(next, { withFileTypes: true })) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      if (!entry.isFile() || statSync(path).size > 20e6) continue;
      const content = readFileSync(path);
      const kind = fileKind(content.subarray(0, 512));
      if (kind === "packed") continue;
      const same = found[kind === "text" ? "text" : "program"];
      if (same.bytes > wantedBytes) continue;
      same.bytes += content.length;
      same.files.push(content);
    }
    if (Math.min(found.text.bytes, found.program.bytes) > wantedBytes) break;
  }
  return { texts: found.text.files, programs: found.program.files };
}

/** The textbook's automaton, as a table of states by bytes in lower case. */
function makeAutomaton(words: readonly string[]): (content: Buffer) => void {
  const next: number[][] = [[]];
  const isEnd: boolean[] = [false];
  for (const word of words) {
    let state = 0;
    for (const byte of Buffer.from(word, "latin1")) {
      next[state] ??= [];
      const following = next[state]?.[byte] ?? next.length;
      if (following === next.length) {
        next.push([]);
        isEnd.push(false);
      }
      (next[state] ?? [])[byte] = following;
      state = following;
    }
    isEnd[state] = true;
  }
  const states = completeStates(next, isEnd);
  const ends = Uint8Array.from(isEnd, Number);
  return (content) => {
    let state = 0;
    let hits = 0;
    for (let at = 0; at < content.length; at += 1) {
      state = states[state * 256 + (content[at] ?? 0)] ?? 0;
      hits += ends[state] ?? 0;
    }
    if (hits < 0) throw new RangeError("a count below zero");
  };
}

function completeStates(next: readonly (readonly number[])[], isEnd: boolean[]): Uint16Array {
  const states = new Uint16Array(next.length * 256);
  const fails = new Uint16Array(next.length);
  const queue = [0];
  for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
    for (let byte = 0; byte < 256; byte += 1) {
      const folded = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
      const child = next[state]?.[folded];
      const fallback = state === 0 ? 0 : (states[(fails[state] ?? 0) * 256 + folded] ?? 0);
      states[state * 256 + byte] = child ?? fallback;
      if (child === undefined || byte !== folded) continue;
      fails[child] = fallback;
      isEnd[child] ||= isEnd[fallback] ?? false;
      queue.push(child);
    }
  }
  return states;
}
