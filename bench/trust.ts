// How long trust takes, beside cosign and skopeo in the same run: a verdict that is known, an image never seen, signatures by the
// hundred, and a hundred signatures from a token. Usage: npm run bench:trust

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
  await row("verdict on a known digest", 2000, "under 1 ms", () => desk.judgeSubject(named));
  const network = await row("the same requests alone", 20, "", () => requests(host, pushed));
  const cold = await row("an image never seen", 20, "under 50 ms beyond the network", () => newDesk().judge(reference));
  print("  beyond the network", `${(cold - network).toFixed(1)} ms`, "under 50 ms");
  await signatures(statement);
  await token();
  await others(host, image);
}

async function row(name: string, turns: number, bar: string, work: () => Promise<unknown>): Promise<number> {
  await work();
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  const middle = times.toSorted((one, other) => one - other)[Math.floor(turns / 2)] ?? 0;
  print(name, `${middle.toFixed(3)} ms (p50 of ${turns})`, bar);
  return middle;
}

function print(name: string, value: string, bar: string): void {
  console.log(`${name.padEnd(34)} ${value.padEnd(28)} ${bar}`);
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

async function signatures(statement: Parameters<NonNullable<typeof cosign.write>>[0]): Promise<void> {
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
    print(`signatures verified (${format.name})`, `${second.toFixed(0)} a second`, "100 a second");
  }
}

async function token(): Promise<void> {
  const uri = `${softToken(context)};object=bench;id=%07?module-name=softhsm2`;
  await createKeyOnToken(uri, async () => pin);
  const opened = await pkcs11.open(uri, async () => pin);
  if (opened === undefined) throw new Error("the token was not opened");
  const start = performance.now();
  for (let turn = 0; turn < 100; turn += 1) await opened.sign(Buffer.from(`digest ${turn}`), "sha256");
  print("100 signatures from SoftHSM2", `${(performance.now() - start).toFixed(0)} ms`, "under 1000 ms");
  await opened.close();
}

async function others(host: string, image: string): Promise<void> {
  const judges = await openJudges(context, "judges-trixie");
  if ("why" in judges) return print("cosign, skopeo", "not measured", judges.why);
  for (const tool of [cosignTool(judges, "2", "cosign"), skopeoTool(judges, host)]) {
    await row(`${tool.name} verifies it (a process)`, 5, "", () => tool.verify(image, { pair }));
  }
  const key = judges.write("bench.pub", pem);
  const words = [
    "src/main.ts",
    "verify",
    image,
    "--key",
    join(judges.folder, key.slice(judges.inside.length + 1)),
    "--insecure-registry",
    host,
  ];
  const env = { ...process.env, STATE_DIRECTORY: judges.folder };
  await row("plimsoll verify (a process)", 5, "", async () =>
    execFileSync(process.execPath, words, { env, stdio: "pipe" }),
  );
}
