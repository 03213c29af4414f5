// How right the matcher is, by people's labels of real images against the real advisories that are at hand.
// Usage: node bench/accuracy.ts [--all] : the table in Markdown, then every false positive and miss (--all: with its note)

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { FeedRecord } from "../src/findings/advisory-feed.ts";
import { advisoryFeeds } from "../src/findings/advisory-feeds.generated.ts";
import { buildDatabase } from "../src/findings/database/build-database.ts";
import { namesOf } from "../src/findings/database/identity.ts";
import { type AdvisoryDatabase, openDatabase } from "../src/findings/database/open-database.ts";
import { loadSigningKey } from "../src/findings/database/signing.ts";
import { matchPackages } from "../src/findings/matching/match-packages.ts";
import { found, inventory } from "../test/findings/database-of.ts";
import { sharedAdvisories, sharedAdvisoriesMissing } from "../test/findings/shared-advisories.ts";
import { type Label, type Labels, readLabels } from "./accuracy/labels.ts";
import { type Place, type Question, questionOf, type Unasked, worldOf } from "./accuracy/question.ts";

type Counts = { truePositives: number; misses: number; falsePositives: number; trueNegatives: number };

const labelFile = "../shared/data/advisories/match-labels.ndjson.gz";

if (sharedAdvisoriesMissing !== false) {
  process.stdout.write(`skipped: ${sharedAdvisoriesMissing}\n`);
} else {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-accuracy-"));
  try {
    const { database, places } = await prepare(folder);
    const { judged, unasked } = judgeAll(readLabels(labelFile), database, places);
    report(judged);
    reportUnasked(unasked);
    database.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function prepare(folder: string) {
  const places = new Map<string, Place[]>();
  const files = sharedAdvisories();
  const feeds = advisoryFeeds.map((feed) => ({
    ...{ name: feed.name, updatedAt: "2026-01-01T00:00:00Z", isComplete: () => false },
    records: readFeed(feed.name, folder, files, places),
  }));
  const file = join(folder, "advisories.db");
  await buildDatabase({ file, feeds, signingKey: loadSigningKey(folder), builtAt: "2026-01-01T00:00:00Z" });
  return { database: openDatabase(file, { forManyImages: true }), places };
}

async function* readFeed(
  name: string,
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  places: Map<string, Place[]>,
): AsyncIterable<FeedRecord> {
  const feed = advisoryFeeds.find((one) => one.name === name);
  for (const file of feed?.files ?? []) {
    const content = files.get(`${name}/${file.name}`);
    if (content === undefined || feed === undefined) continue;
    const path = join(folder, name, file.name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    for await (const record of feed.read(file, path, (what) => process.stderr.write(`${what}\n`))) {
      if (record.kind === "advisory") note(record.advisory, places);
      yield record;
    }
  }
}

function note(
  advisory: Place & { readonly id: string; readonly aliases: readonly string[] },
  places: Map<string, Place[]>,
): void {
  const place = { namespace: advisory.namespace, package: advisory.package };
  for (const name of namesOf(advisory)) places.set(name, [...(places.get(name) ?? []), place]);
}

type Judged = { readonly label: Label; readonly question: Question; readonly isMatched: boolean };
type All = { readonly judged: readonly Judged[]; readonly unasked: readonly Unasked[] };

function judgeAll(labels: Labels, database: AdvisoryDatabase, places: ReadonlyMap<string, Place[]>): All {
  const world = worldOf(labels.usable);
  const judged: Judged[] = [];
  const unasked: Unasked[] = labels.unusable.map((reason) => ({ reason }));
  for (const label of labels.usable) {
    const about = label.ids.flatMap((id) => places.get(id) ?? []);
    const question = questionOf(label, about, world);
    if ("reason" in question) unasked.push(question);
    else judged.push({ label, question, isMatched: isMatched(label, question, database) });
  }
  return { judged, unasked };
}

function isMatched(label: Label, question: Question, database: AdvisoryDatabase): boolean {
  const { ecosystems, name, distribution, isOwned } = question;
  const packages = ecosystems.map((ecosystem) =>
    found(ecosystem, name, label.version, { isOwnedByDistribution: isOwned }),
  );
  const findings = matchPackages(inventory(distribution, ...packages), database, {
    now: new Date("2024-09-24T00:00:00Z"),
  });
  return findings.some((finding) => [finding.id, ...finding.aliases].some((id) => label.ids.includes(id)));
}

function reportUnasked(unasked: readonly Unasked[]): void {
  const counts = new Map<string, number>();
  for (const { reason } of unasked) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  process.stdout.write("\n| why a label is not judged | labels |\n|---|---|\n");
  for (const [reason, count] of [...counts].sort(([, left], [, right]) => right - left))
    process.stdout.write(`| ${reason} | ${count} |\n`);
}

function report(judged: readonly Judged[]): void {
  const counts = new Map<string, Counts>();
  for (const one of judged) {
    for (const group of [one.question.group, "all"]) {
      const count = counts.get(group) ?? { truePositives: 0, misses: 0, falsePositives: 0, trueNegatives: 0 };
      counts.set(group, count);
      if (one.label.isTrue) count[one.isMatched ? "truePositives" : "misses"] += 1;
      else count[one.isMatched ? "falsePositives" : "trueNegatives"] += 1;
    }
  }
  const rows = [...counts].sort(([left], [right]) =>
    left === "all" ? 1 : right === "all" ? -1 : left < right ? -1 : 1,
  );
  process.stdout.write(
    "| world | labels | right | missed | wrongly found | rightly silent | precision | recall |\n|---|---|---|---|---|---|---|---|\n",
  );
  for (const [group, count] of rows) process.stdout.write(`${row(group, count)}\n`);
  for (const { label, question, isMatched: matched } of judged) {
    if (label.isTrue === matched) continue;
    const kind = matched ? "wrong " : "missed";
    const words = [
      kind,
      question.group.padEnd(8),
      question.name,
      label.version,
      label.ids.join(","),
      label.image.slice(-70, -56),
    ];
    process.stdout.write(`${words.join(" ")}${process.argv.includes("--all") ? `  ${label.note}` : ""}\n`);
  }
}

function row(group: string, { truePositives, misses, falsePositives, trueNegatives }: Counts): string {
  const share = (part: number, whole: number): string => (whole === 0 ? "-" : `${((part / whole) * 100).toFixed(1)} %`);
  const cells = [
    group,
    truePositives + misses + falsePositives + trueNegatives,
    ...[truePositives, misses, falsePositives, trueNegatives],
    share(truePositives, truePositives + falsePositives),
    share(truePositives, truePositives + misses),
  ];
  return `| ${cells.join(" | ")} |`;
}
