// How long trust takes, beside cosign and skopeo in the same run: a verdict that is known, an image never seen, signatures by the
// hundred, and a hundred signatures from a token.
// Usage: npm run bench:trust -- [--json] [--write]

import { execFileSync } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSeenCounters } from "../src/admission/trust/seen-counters.ts";
import { openTrustDesk } from "../src/admission/trust/trust-desk.ts";
import { parseReference } from "../src/base/reference.ts";
import { openArtifacts } from "../src/image/registry/artifacts.ts";
import { readTrustFile } from "../src/trust/file/read-trust-file.ts";
import { createKeyOnToken } from "../src/trust/pkcs11/create-key.ts";
import { cosign } from "../src/trust/signature-formats/cosign.ts";
import { sigstoreBundle } from "../src/trust/signature-formats/sigstore-bundle.ts";
import type { Signer } from "../src/trust/signer.ts";
import { pkcs11 } from "../src/trust/signers/pkcs11.ts";
import { openJudges } from "../test/judges/programs.ts";
import { cosignTool, skopeoTool } from "../test/judges/tools.ts";
import { pushImage, startLoopbackRegistry } from "../test/support/loopback-registry.ts";
import { type MadeImage, settingsFor, types } from "../test/support/oci-image.ts";
import { memoryStore } from "../test/trust/memory-store.ts";
import { pin, softToken } from "../test/trust/soft-token.ts";
import { tellReport } from "./support/report.ts";
import { type Bar, bar, median, table } from "./support/statistics.ts";

/** As a user starts it. */
const program = join(import.meta.dirname, "..", "scripts", "plimsoll");
const endings: (() => unknown)[] = [];
const context = { after: (work: () => unknown) => void endings.unshift(work) };
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const signer: Signer = {
  ...{ publicKey: pair.publicKey, certificates: [], close: async () => undefined },
  sign: async (data, hash) => sign(hash, data, pair.privateKey),
};
const pem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();

try {
  await run();
} finally {
  for (const end of endings) await end();
}

async function run(): Promise<void> {
  const host = await startLoopbackRegistry(context);
  const pushed = await pushImage(host, "team/app", "1");
  const { manifest } = pushed;
  const image = `${host}/team/app:1`;
  const reference = parseReference(image);
  const settings = settingsFor("", { insecureRegistries: [host] });
  const subject = { digest: manifest.digest, mediaType: types.manifest, size: manifest.bytes.length };
  const named = { ...subject, repository: `${host}/team/app`, tag: "1" };
  const statement = { subject: named, predicateType: "", predicate: null };
  const store = openArtifacts(reference, settings, "pull,push");
  for (const format of [cosign, sigstoreBundle]) await format.write?.(statement, signer, store);
  const text = JSON.stringify({
    version: "1",
    signers: { a: { key: pem } },
    rules: [{ scope: named.repository, require: { anyOf: ["a"] } }],
  });
  const file = readTrustFile({ name: "bench", text, readFile: (name) => name });
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const newDesk = () => openTrustDesk({ file, settings, counters: openSeenCounters(folder), nowMs: Date.now });
  const desk = newDesk();
  await desk.judge(reference);
  const known = await time("a verdict on a known digest", 2000, () => desk.judgeSubject(named));
  const network = await time("the same requests alone", 20, () => requests(host, pushed));
  const cold = await time("an image never seen", 20, () => newDesk().judge(reference));
  const rates = await signatures(statement);
  const signing = await token();
  const programs = await others(host, image);
  const rows = [known, cold, network, ...programs].map(({ name, turns, ms }) => [name, ms.toFixed(3), `${turns}`]);
  const bars = [
    bar(known.name, known.ms, "at-most", 1, "ms"),
    bar("an image never seen, beyond the network", cold.ms - network.ms, "at-most", 50, "ms"),
    ...rates,
    bar("100 digests signed with SoftHSM2", signing, "at-most", 1000, "ms"),
  ];
  const about = "An image with two signatures in a registry on loopback.";
  tellReport({ name: "trust", about, parts: [{ text: table(["", "ms, median", "of"], rows), bars }] });
}

type Times = { readonly name: string; readonly turns: number; readonly ms: number };

async function time(name: string, turns: number, work: () => Promise<unknown>): Promise<Times> {
  await work();
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return { name, turns, ms: median(times) };
}

/** What a cold verdict asks the registry, one after the other, with nothing done about the answers. */
async function requests(host: string, { manifest: { digest }, config, layers }: MadeImage): Promise<void> {
  const tag = digest.replace(":", "-");
  const base = `http://${host}/v2/team/app`;
  const headers = { Accept: `${types.manifest}, ${types.index}` };
  for (const path of [`manifests/1`, `manifests/${tag}.sig`, `referrers/${digest}`, `manifests/${tag}`]) {
    await (await fetch(`${base}/${path}`, { headers })).arrayBuffer();
  }
  for (const blob of [config, ...layers]) await fetch(`${base}/blobs/${blob.digest}`, { method: "HEAD" });
}

async function signatures(statement: Parameters<NonNullable<typeof cosign.write>>[0]): Promise<readonly Bar[]> {
  const rates: Bar[] = [];
  const material = { keys: [pem], roots: [], timestampRoots: [], sigstoreRoots: [], openPgpKeys: [] };
  for (const format of [cosign, sigstoreBundle]) {
    const store = memoryStore(statement.subject.repository);
    await format.write?.(statement, signer, store);
    const {
      envelopes: [envelope],
    } = await format.find(statement.subject, store, 10);
    if (envelope === undefined) throw new Error("no signature was found");
    const start = performance.now();
    for (let turn = 0; turn < 2000; turn += 1) await format.verify(envelope, statement.subject, material, 0);
    const second = (2000 / (performance.now() - start)) * 1000;
    rates.push(bar(`signatures of ${format.name} verified by one core`, second, "at-least", 100, "a second"));
  }
  return rates;
}

async function token(): Promise<number> {
  const uri = `${softToken(context)};object=bench;id=%07?module-name=softhsm2`;
  await createKeyOnToken(uri, async () => pin);
  const opened = await pkcs11.open(uri, async () => pin);
  if (opened === undefined) throw new Error("the token was not opened");
  const start = performance.now();
  for (let turn = 0; turn < 100; turn += 1) await opened.sign(Buffer.from(`digest ${turn}`), "sha256");
  const ms = performance.now() - start;
  await opened.close();
  return ms;
}

/** What a user would type instead, each with its start. */
async function others(host: string, image: string): Promise<readonly Times[]> {
  const judges = await openJudges(context, "judges-trixie");
  if ("why" in judges) throw new Error(`cosign and skopeo: ${judges.why}`);
  const key = join(judges.folder, judges.write("bench.pub", pem).slice(judges.inside.length + 1));
  const words = ["verify", image, "--key", key, "--insecure-registry", host];
  const env = { ...process.env, STATE_DIRECTORY: judges.folder };
  const programs = [
    ...[cosignTool(judges, "2", "cosign"), skopeoTool(judges, host)].map(({ name, verify }) => ({
      ...{ name, verify: () => verify(image, { pair }) },
    })),
    { name: "plimsoll", verify: async () => execFileSync(program, words, { env, stdio: "pipe" }) },
  ];
  const times: Times[] = [];
  for (const { name, verify } of programs) times.push(await time(`${name} verifies it, with its start`, 5, verify));
  return times;
}
