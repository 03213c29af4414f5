// A layout that cosign itself saved, before us, and before cosign: as it is, in an archive, and with its bytes altered.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../cli/program.ts";
import { checkSigned } from "./judge-suite.ts";
import type { Judges } from "./programs.ts";
import { newPair, type Pair, pemOf, type Scene, signerOf } from "./scene.ts";
import { signWithCosign } from "./tools.ts";

/** @param version which signs (3 as a bundle) and saves */
export async function judgeSaved(judges: Judges, scene: Scene, version: "2" | "3"): Promise<void> {
  const pair = newPair();
  const image = await scene.image(`saved-${version}`);
  checkSigned(await signWithCosign(judges, version, image, pair));
  if (version === "3") await scene.sign(image, "sigstore-bundle", signerOf(pair));
  checkSigned(await judges.run(["cosign", "save", "--allow-http-registry", "--dir", `${judges.inside}/saved`, image]));
  const folder = join(judges.folder, "saved");
  const archive = join(judges.folder, "saved.tar.gz");
  execFileSync("tar", ["-czf", archive, "-C", folder, "oci-layout", "index.json", "blobs"]);
  const codes = [
    await judgedBy(judges, folder, pair, image),
    await judgedBy(judges, archive, pair, image),
    await judgedBy(judges, archive, pair, ""),
    await judgedBy(judges, archive, newPair(), image),
    await judgedBy(judges, archive, pair, image.replace("/app", "/other")),
    await judgedBy(judges, alter(folder, "signature"), pair, image),
    await judgedBy(judges, alter(folder, "layer"), pair, image),
  ];
  assert.deepEqual(codes, ["trusted", "trusted", "trusted", "untrusted", "untrusted", "refused", "refused"]);
  scene.row(
    `cosign ${version} save`,
    "theirs: layout",
    "we accept it; refuse another key or repository, altered bytes",
  );
}

async function judgedBy(judges: Judges, path: string, pair: Pair, name: string): Promise<string> {
  const key = join(judges.folder, "saved.pub");
  writeFileSync(key, pemOf(pair));
  const environment = { STATE_DIRECTORY: join(judges.folder, "state"), HOME: judges.folder };
  const { code, stderr } = await run(["verify", name === "" ? path : `${path}#${name}`, "--key", key], { environment });
  return code === 0 ? "trusted" : (/(untrusted|unsigned)/.exec(stderr)?.[1] ?? "refused");
}

/** One byte, in what was signed or in what is unpacked. */
function alter(folder: string, what: "signature" | "layer"): string {
  const copy = `${folder}-${what}`;
  cpSync(folder, copy, { recursive: true });
  const blobs = join(copy, "blobs/sha256");
  for (const name of readdirSync(blobs)) {
    const bytes = readFileSync(join(blobs, name));
    const isLayer = bytes[0] === 0x1f;
    const isSigned = bytes.includes('"critical"') || bytes.includes('"dsseEnvelope"');
    if (what === "layer" ? !isLayer : !isSigned) continue;
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    writeFileSync(join(blobs, name), bytes);
  }
  return copy;
}
