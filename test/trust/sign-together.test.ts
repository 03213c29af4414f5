// Many who sign one image at the same moment, each a process, before a registry whose every answer is late by a time of its own:
// on one host, where one waits for another, and on hosts of their own, where nobody can.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { parseReference } from "../../src/base/reference.ts";
import { openArtifacts } from "../../src/image/registry/artifacts.ts";
import { cosign } from "../../src/trust/signature-formats/cosign.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";
import { pushImage, startLoopbackRegistry } from "../support/loopback-registry.ts";
import { scratch, settingsFor, types } from "../support/oci-image.ts";
import { startSlowRelay } from "../support/slow-relay.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "../support/sign-once.ts");
const many = Number(process.env["PLIMSOLL_SIGNERS"] ?? 4);
const lateMs = Number(process.env["PLIMSOLL_LATE_MS"] ?? 40);

for (const format of [cosign, sigstoreBundle]) {
  for (const where of ["on one host", "on hosts of their own"]) {
    test(`${format.name}: processes that sign at the same moment ${where} all stay in the registry`, async (t) => {
      const behind = await startLoopbackRegistry(t);
      const { manifest } = await pushImage(behind, "app", "1");
      const host = await startSlowRelay(t, behind, lateMs);
      const folder = await scratch(t);
      const words = [host, "app", manifest.digest, String(manifest.bytes.length), format.name];
      const signing = Array.from({ length: many }, async () => {
        // Locks lie in the folder for temporary files: another folder is another host.
        const TMPDIR = where === "on one host" ? folder : await mkdtemp(join(folder, "host-"));
        return (await run(process.execPath, [program, ...words], { env: { ...process.env, TMPDIR } })).stdout;
      });
      const keys = await Promise.all(signing);
      assert.deepEqual((await signersThere(t, behind, format, manifest.digest, keys)).toSorted(), keys.toSorted());
    });
  }
}

/** @returns those of the keys whose signature is there */
async function signersThere(
  t: TestContext,
  host: string,
  format: typeof cosign,
  digest: string,
  keys: readonly string[],
): Promise<readonly string[]> {
  const settings = settingsFor(await scratch(t), { insecureRegistries: [host] });
  const store = openArtifacts(parseReference(`${host}/app`), settings);
  const subject = { digest, mediaType: types.manifest, size: 0, repository: "registry.example/app", tag: "1" };
  const { envelopes } = await format.find(subject, store, 100);
  const holds = async (key: string): Promise<boolean> => {
    const material = { roots: [], timestampRoots: [], sigstoreRoots: [], openPgpKeys: [], keys: [key] };
    const tried = await Promise.allSettled(envelopes.map((each) => format.verify(each, subject, material, 0)));
    return tried.some(({ status }) => status === "fulfilled");
  };
  const held = await Promise.all(keys.map(holds));
  return keys.filter((_, at) => held[at]);
}
