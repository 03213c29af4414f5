// What scanning costs: cold, warm, in parallel, at the extremes, beside what a user would pick instead and beside the least
// that anything can cost (`pigz -dc | sha256sum` of the same bytes). Usage: npm run bench:scan -- [--quick] [--json]
//   --quick  one round, without the extremes    --json  one object on standard output
//   --only=cold,secrets,warm,parallel,extremes,matching  some of it

import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { makeExtreme } from "./support/scan/extremes.ts";
import { makeInputs, type ScanInputs } from "./support/scan/inputs.ts";
import { measureMatching } from "./support/scan/matching.ts";
import { installPeers, type Peers } from "./support/scan/peers.ts";
import { runTimed, type Timed } from "./support/scan/run-timed.ts";
import { type Bar, bar, median, table } from "./support/statistics.ts";

const flags = new Set(process.argv.slice(2));
const rounds = flags.has("--quick") ? 1 : 3;
const program = join(import.meta.dirname, "..", "src", "main.ts");
const lanesProgram = join(import.meta.dirname, "support", "scan", "lanes.ts");
const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-scan-"));
const inventoryOnly = ["--no-secrets", "--no-malware", "--no-configuration"];

type Result = { readonly text: string; readonly bars: readonly Bar[] };

try {
  const inputs = await makeInputs(tell);
  const peers = installPeers(tell);
  const parts = {
    cold: () => cold(inputs, peers),
    secrets: () => secrets(inputs),
    warm: () => warm(inputs),
    parallel: () => parallel(inputs),
    extremes: () => (flags.has("--quick") ? undefined : extremes()),
    matching: () => matching(),
  };
  const results: Result[] = [];
  for (const [name, part] of Object.entries(parts)) {
    if (!isWanted(name)) continue;
    tell(name);
    const result = await part();
    if (result !== undefined) results.push(result);
  }
  report(results, inputs);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function isWanted(part: string): boolean {
  const only = process.argv.find((word) => word.startsWith("--only="));
  return only === undefined || only.slice("--only=".length).split(",").includes(part);
}

function tell(what: string): void {
  process.stderr.write(`bench:scan: ${what}\n`);
}

function scan(subject: string, options: readonly string[], state: string = folder): Promise<Timed> {
  const words = [program, "scan", subject, "--format", "json", "--policies", "none", "--quiet", ...options];
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

/** By turns, so that what else the machine does hits all alike. */
async function paired(runs: Readonly<Record<string, () => Promise<Timed>>>): Promise<ReadonlyMap<string, Timed>> {
  const times = new Map<string, Timed[]>(Object.keys(runs).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(runs)) times.get(name)?.push(await run());
  }
  return new Map(
    [...times].map(([name, all]) => [
      name,
      {
        seconds: median(all.map(({ seconds }) => seconds)),
        megabytes: Math.max(...all.map(({ megabytes }) => megabytes)),
        stdout: all.at(-1)?.stdout ?? "",
      },
    ]),
  );
}

function secondsOf(times: ReadonlyMap<string, Timed>, name: string): number {
  return times.get(name)?.seconds ?? Number.NaN;
}

function rowsOf(times: ReadonlyMap<string, Timed>): string {
  const rows = [...times].map(([name, { seconds, megabytes }]) => [name, seconds.toFixed(2), megabytes.toFixed(0)]);
  return table(["", "seconds", "MB"], rows);
}

async function cold(inputs: ScanInputs, peers: Peers): Promise<Result> {
  const least = () => runTimed("sh", ["-c", 'pigz -dc < "$0" | sha256sum', inputs.layerGzip]);
  const gzip = await paired({
    "pigz -dc | sha256sum": least,
    "plimsoll, gzip": () => scan(inputs.ociLayout, [...inventoryOnly, "--no-cache"]),
    "trivy, gzip": () => trivy(peers, inputs.ociLayout),
    "snyk, gzip": () => snyk(peers, `oci-archive:${inputs.ociArchive}`),
  });
  const plain = await paired({
    "plimsoll, not compressed": () => scan(inputs.dockerArchive, [...inventoryOnly, "--no-cache"]),
    "trivy, not compressed": () => trivy(peers, inputs.dockerArchive),
    "snyk, not compressed": () => snyk(peers, `docker-archive:${inputs.dockerArchive}`),
  });
  const ours = [secondsOf(gzip, "plimsoll, gzip"), secondsOf(plain, "plimsoll, not compressed")] as const;
  const most = Math.max(
    ...[gzip, plain].flatMap((times) =>
      [...times].map(([name, { megabytes }]) => (name.startsWith("plimsoll") ? megabytes : 0)),
    ),
  );
  return {
    text: `${rowsOf(gzip)}\n\n${rowsOf(plain)}`,
    bars: [
      bar(
        "inventory from gzip, relative to pigz -dc | sha256sum",
        ours[0] / secondsOf(gzip, "pigz -dc | sha256sum"),
        "at-most",
        0.8,
        "x",
      ),
      bar("relative to trivy, gzip", ours[0] / secondsOf(gzip, "trivy, gzip"), "at-most", 0.5, "x"),
      bar("relative to snyk, gzip", ours[0] / secondsOf(gzip, "snyk, gzip"), "at-most", 0.5, "x"),
      bar(
        "relative to trivy, not compressed",
        ours[1] / secondsOf(plain, "trivy, not compressed"),
        "at-most",
        0.5,
        "x",
      ),
      bar("relative to snyk, not compressed", ours[1] / secondsOf(plain, "snyk, not compressed"), "at-most", 0.5, "x"),
      bar("resident memory, inventory", most, "at-most", 300, "MB"),
    ],
  };
}

async function secrets(inputs: ScanInputs): Promise<Result> {
  const times = await paired({
    "inventory alone": () => scan(inputs.ociLayout, [...inventoryOnly, "--no-cache"]),
    "with secrets": () => scan(inputs.ociLayout, ["--no-malware", "--no-configuration", "--no-cache"]),
    everything: () => scan(inputs.ociLayout, ["--no-cache"]),
  });
  return {
    text: rowsOf(times),
    bars: [
      bar(
        "with secrets, relative to the inventory alone",
        secondsOf(times, "with secrets") / secondsOf(times, "inventory alone"),
        "at-most",
        2.5,
        "x",
      ),
      bar("resident memory, everything", times.get("everything")?.megabytes ?? Number.NaN, "at-most", 300, "MB"),
    ],
  };
}

/** The program's start is not in it: the time from opening the image to the result, as the report says it. */
function durationOf({ stdout }: Timed): number {
  return Number(/"durationMs": ([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN);
}

async function warm(inputs: ScanInputs): Promise<Result> {
  const state = mkdtempSync(join(folder, "state-"));
  const first = await scan(inputs.dockerArchive, [], state);
  const again: Timed[] = [];
  for (let round = 0; round < 5; round += 1) again.push(await scan(inputs.dockerArchive, [], state));
  const sharing = await scan(inputs.sharing, [], state);
  const rows = [
    ["cold, everything", durationOf(first), first.seconds],
    ["again", median(again.map(durationOf)), median(again.map(({ seconds }) => seconds))],
    ["another image that shares the layer", durationOf(sharing), sharing.seconds],
  ] as const;
  return {
    text: table(
      ["", "ms", "seconds with the program's start"],
      rows.map(([name, ms, seconds]) => [name, ms.toFixed(0), seconds.toFixed(2)]),
    ),
    bars: [
      bar("the same image again", median(again.map(durationOf)), "at-most", 50, "ms"),
      bar(
        "another image that shares the layer, relative to cold",
        durationOf(sharing) / durationOf(first),
        "at-most",
        0.2,
        "x",
      ),
    ],
  };
}

async function parallel(inputs: ScanInputs): Promise<Result> {
  const times = await paired({
    "one thread": () => runTimed(process.execPath, [lanesProgram, inputs.twoLayers, "1"]),
    "two threads": () => runTimed(process.execPath, [lanesProgram, inputs.twoLayers, "2"]),
  });
  const gain = secondsOf(times, "one thread") / secondsOf(times, "two threads");
  return { text: rowsOf(times), bars: [bar("two layers in two threads", gain, "at-least", 1.3, "x")] };
}

async function extremes(): Promise<Result> {
  const [files, zeros] = [await makeExtreme("files"), await makeExtreme("zeros")];
  const times = await paired({
    "3 million empty files": () => scan(files, [...inventoryOnly, "--no-cache"]),
    "10 GB of zeros": () => scan(zeros, [...inventoryOnly, "--no-cache"]),
  });
  return {
    text: rowsOf(times),
    bars: [...times].map(([name, { megabytes }]) => bar(`resident memory, ${name}`, megabytes, "at-most", 300, "MB")),
  };
}

async function matching(): Promise<Result> {
  const seconds = await measureMatching(1000);
  return {
    text: `1,000 images of 600 packages: ${seconds.toFixed(2)} s`,
    bars: [bar("1,000 inventories of 600 packages against new advisories", seconds, "at-most", 10, "s")],
  };
}

function report(results: readonly Result[], { layerBytes }: ScanInputs): void {
  const bars = results.flatMap((result) => result.bars);
  const about = `Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? "?"}), layer of ${(layerBytes / 1e6).toFixed(0)} MB, ${rounds} rounds by turns`;
  if (flags.has("--json")) process.stdout.write(`${JSON.stringify({ about, bars })}\n`);
  else {
    const rows = bars.map(({ name, value, unit, wants, limit, ok }) => [
      name,
      `${value} ${unit}`,
      `${wants === "at-most" ? "at most" : "at least"} ${limit} ${unit}`,
      ok ? "yes" : "NO",
    ]);
    const tables = [...results.map(({ text }) => text), table(["bar", "value", "limit", "met"], rows)];
    process.stdout.write(`${about}\n\n${tables.join("\n\n")}\n`);
  }
  process.exitCode = bars.every(({ ok }) => ok) ? 0 : 1;
}
