// What scanning costs: cold, warm, in parallel, at the extremes, beside what a user would pick instead and beside the least
// that anything can cost (`pigz -dc | sha256sum` of the same bytes). Usage: npm run bench:scan -- [--quick] [--json] [--write]
//   --quick  one round, and extremes of a tenth    --json  one object on standard output    --write  updates docs/benchmarks.md
//   --only=cold,secrets,warm,parallel,extremes,matching  some of it

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isWanted, type Part, tellReport } from "./support/report.ts";
import { makeAdvisories } from "./support/scan/advisories.ts";
import { makeExtreme } from "./support/scan/extremes.ts";
import { makeInputs, type ScanInputs } from "./support/scan/inputs.ts";
import { measureMatching } from "./support/scan/matching.ts";
import { installPeers, type Peers } from "./support/scan/peers.ts";
import { runTimed, type Timed } from "./support/scan/run-timed.ts";
import { bar, median, table } from "./support/statistics.ts";

const flags = new Set(process.argv.slice(2));
const isQuick = flags.has("--quick");
const rounds = isQuick ? 1 : 3;
/** As a user starts it. */
const program = join(import.meta.dirname, "..", "scripts", "plimsoll");
const lanesProgram = join(import.meta.dirname, "support", "scan", "lanes.ts");
const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-scan-"));
const inventoryOnly = ["--no-secrets", "--no-malware", "--no-configuration"];
const plainReport = ["--format", "json", "--policies", "none", "--quiet"];

const [pigz, ours, trivyName, snykName] = ["pigz -dc | sha256sum", "plimsoll", "trivy", "snyk"];

try {
  const inputs = await makeInputs(tell);
  const peers = installPeers(tell);
  tell("building the advisory database, from what a first scan finds");
  const first = await runTimed(process.execPath, [program, "scan", inputs.dockerArchive, ...plainReport, "--no-cache"]);
  const database = await makeAdvisories(folder, first.stdout);
  const parts = {
    cold: () => cold(inputs, peers, database),
    secrets: () => secrets(inputs, database),
    warm: () => warm(inputs, database),
    parallel: () => parallel(inputs),
    extremes: () => extremes(database),
    matching: () => matching(database),
  };
  const results: Part[] = [];
  for (const [name, part] of Object.entries(parts)) {
    if (!isWanted(name)) continue;
    const started = performance.now();
    tell(`${name} ...`);
    const result = await part();
    for (const { name: what, value, unit, ok } of result.bars)
      tell(`  ${ok ? "met" : "MISSED"}: ${what}: ${value} ${unit}`);
    tell(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
    results.push(result);
  }
  const layer = `a layer of ${(inputs.layerBytes / 1e6).toFixed(0)} MB`;
  tellReport({ name: "scan", about: `${layer}, ${rounds} rounds by turns.`, parts: results });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function tell(what: string): void {
  process.stderr.write(`bench:scan: ${what}\n`);
}

type Scan = { readonly database: string; readonly options: readonly string[]; readonly state?: string };

function scan(subject: string, { database, options, state = folder }: Scan): Promise<Timed> {
  const words = [program, "scan", subject, ...plainReport, "--database", database, ...options];
  return runTimed(process.execPath, words, { environment: { STATE_DIRECTORY: state } });
}

function trivy(peers: Peers, input: string): Promise<Timed> {
  const cache = mkdtempSync(join(folder, "trivy-"));
  const words = ["--cache-dir", cache, "image", "--input", input, "--format", "cyclonedx", "--offline-scan"];
  return runTimed(peers.trivy, [...words, "--skip-db-update", "--skip-java-db-update", "--quiet"]);
}

function snyk(peers: Peers, input: string): Promise<Timed> {
  return runTimed(process.execPath, [peers.snyk, input]);
}

type Runs = ReadonlyMap<string, readonly Timed[]>;

/** By turns, so that what else the machine does hits all alike. */
async function paired(runs: Readonly<Record<string, () => Promise<Timed>>>, turns: number = rounds): Promise<Runs> {
  const times = new Map<string, Timed[]>(Object.keys(runs).map((name) => [name, []]));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [name, run] of Object.entries(runs)) times.get(name)?.push(await run());
  }
  return times;
}

/** Of the runs of one turn, and of all turns the median: what else the machine does hits both. */
function ratio(times: Runs, name: string, other: string): number {
  const others = times.get(other) ?? [];
  return median((times.get(name) ?? []).map(({ seconds }, turn) => seconds / (others[turn]?.seconds ?? Number.NaN)));
}

function mostMemory(times: Runs, name: string): number {
  return Math.max(...(times.get(name) ?? []).map(({ megabytes }) => megabytes));
}

function rowsOf(times: Runs): string {
  const rows = [...times].map(([name, all]) => [
    name,
    median(all.map(({ seconds }) => seconds)).toFixed(2),
    median(all.map(({ processorSeconds }) => processorSeconds)).toFixed(2),
    mostMemory(times, name).toFixed(0),
  ]);
  return table(["", "seconds", "of processors", "MB"], rows);
}

async function cold(inputs: ScanInputs, peers: Peers, database: string): Promise<Part> {
  const options = [...inventoryOnly, "--no-cache"];
  const gzip = await paired({
    [pigz]: () => runTimed("sh", ["-c", 'pigz -dc < "$0" | sha256sum', inputs.layerGzip]),
    [ours]: () => scan(inputs.ociLayout, { database, options }),
    [trivyName]: () => trivy(peers, inputs.ociLayout),
    [snykName]: () => snyk(peers, `oci-archive:${inputs.ociArchive}`),
  });
  const plain = await paired({
    [ours]: () => scan(inputs.dockerArchive, { database, options }),
    [trivyName]: () => trivy(peers, inputs.dockerArchive),
    [snykName]: () => snyk(peers, `docker-archive:${inputs.dockerArchive}`),
  });
  const memory = Math.max(mostMemory(gzip, ours), mostMemory(plain, ours));
  return {
    text: `Inventory and vulnerabilities, gzip (the peers: inventory alone):\n\n${rowsOf(gzip)}\n\nNot compressed:\n\n${rowsOf(plain)}`,
    bars: [
      bar(
        "inventory and vulnerabilities from gzip, relative to pigz -dc | sha256sum",
        ratio(gzip, ours, pigz),
        "at-most",
        0.8,
        "x",
      ),
      bar("relative to trivy, gzip", ratio(gzip, ours, trivyName), "at-most", 0.5, "x"),
      bar("relative to snyk, gzip", ratio(gzip, ours, snykName), "at-most", 0.5, "x"),
      bar("relative to trivy, not compressed", ratio(plain, ours, trivyName), "at-most", 0.5, "x"),
      bar("relative to snyk, not compressed", ratio(plain, ours, snykName), "at-most", 0.5, "x"),
      bar("resident memory, inventory and vulnerabilities", memory, "at-most", 300, "MB"),
    ],
  };
}

async function secrets(inputs: ScanInputs, database: string): Promise<Part> {
  const run = (...options: readonly string[]) =>
    scan(inputs.ociLayout, { database, options: [...options, "--no-cache"] });
  const times = await paired({
    "inventory alone": () => run(...inventoryOnly),
    "with secrets": () => run("--no-malware", "--no-configuration"),
  });
  const all = await paired({ everything: () => run() }, 1);
  return {
    text: rowsOf(new Map([...times, ...all])),
    bars: [
      bar(
        "with secrets, relative to the inventory alone",
        ratio(times, "with secrets", "inventory alone"),
        "at-most",
        2.5,
        "x",
      ),
      bar("resident memory, everything", mostMemory(all, "everything"), "at-most", 300, "MB"),
    ],
  };
}

/** The program's start is not in it: the time from opening the image to the result, as the report says it. */
function durationOf({ stdout }: Timed): number {
  return Number(/"durationMs": ([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN);
}

async function warm(inputs: ScanInputs, database: string): Promise<Part> {
  const state = mkdtempSync(join(folder, "state-"));
  const run = (subject: string) => scan(subject, { database, options: [], state });
  const first = await run(inputs.dockerArchive);
  const again: Timed[] = [];
  for (let turn = 0; turn < 11; turn += 1) again.push(await run(inputs.dockerArchive));
  const sharing = await run(inputs.sharing);
  const rows = [
    ["cold, everything", durationOf(first), first.seconds],
    ["again", median(again.map(durationOf)), median(again.map(({ seconds }) => seconds))],
    ["another image that shares the layer", durationOf(sharing), sharing.seconds],
  ] as const;
  const share = durationOf(sharing) / durationOf(first);
  return {
    text: table(
      ["", "ms", "seconds with the program's start"],
      rows.map(([name, ms, seconds]) => [name, ms.toFixed(0), seconds.toFixed(2)]),
    ),
    bars: [
      bar("the same image again", median(again.map(durationOf)), "at-most", 50, "ms"),
      bar("another image that shares the layer, relative to cold", share, "at-most", 0.2, "x"),
    ],
  };
}

/** Two layers of the large one's size, not compressed: one that is gzip occupies two processors alone. Without the program's start. */
async function parallel(inputs: ScanInputs): Promise<Part> {
  const environment = { NODE_COMPILE_CACHE: join(folder, "code") };
  const run = (lanes: string) => runTimed(process.execPath, [lanesProgram, inputs.twoLayers, lanes], { environment });
  await run("2");
  const times = await paired({ "one thread": () => run("1"), "two threads": () => run("2") });
  const two = (times.get("two threads") ?? []).map(durationOf);
  const gains = (times.get("one thread") ?? []).map((one, turn) => durationOf(one) / (two[turn] ?? Number.NaN));
  return { text: rowsOf(times), bars: [bar("two layers in two threads", median(gains), "at-least", 1.3, "x")] };
}

async function extremes(database: string): Promise<Part> {
  const [count, size] = isQuick ? [300_000, 1] : [3_000_000, 10];
  const [files, zeros] = [await makeExtreme("files", count), await makeExtreme("zeros", size)];
  const [huge, packages] = [await makeExtreme("program", 1), await makeExtreme("packages", 60_000)];
  const options = [...inventoryOnly, "--no-cache"];
  const runs = {
    [`${count} empty files`]: () => scan(files, { database, options }),
    [`${size} GiB of zeros`]: () => scan(zeros, { database, options }),
    "a program of 1 GiB": () => scan(huge, { database, options }),
    "a program of 1 GiB, everything": () => scan(huge, { database, options: ["--no-cache"] }),
    "60,000 packages, everything": () => scan(packages, { database, options: ["--no-cache"] }),
  };
  const times = await paired(runs, 1);
  return {
    text: rowsOf(times),
    bars: [...times.keys()].map((name) =>
      bar(`resident memory, ${name}`, mostMemory(times, name), "at-most", 300, "MB"),
    ),
  };
}

async function matching(database: string): Promise<Part> {
  const { seconds, processorSeconds, findings } = measureMatching(database, 1000);
  return {
    text: `1,000 images of 600 packages: ${seconds.toFixed(2)} s, ${processorSeconds.toFixed(2)} s of processors, ${findings} findings`,
    bars: [bar("1,000 inventories of 600 packages against new advisories", seconds, "at-most", 10, "s")],
  };
}
