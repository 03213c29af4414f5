// A host without an engine: a registry, a key, a trust file, `plimsoll trust serve`, and the file that containerd runs.

import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { program } from "../cli/installation.ts";
import { newPair, openScene, pemOf, type Scene, signerOf } from "../judges/scene.ts";

export type VerifierBench = {
  readonly folder: string;
  /** containerd's bin_dir, with our file in it. */
  readonly binFolder: string;
  readonly scene: Scene;
  sign(image: string): Promise<void>;
  digestOf(image: string): Promise<string>;
  /** As containerd does it. */
  verify(name: string, digest: string, descriptor?: object): { readonly code: number | null; readonly said: string };
  plimsoll(...words: readonly string[]): Promise<string>;
  /** `plimsoll trust serve`, until the test ends or `kill`. */
  serve(): Promise<ChildProcess>;
};

export async function openVerifierBench(t: TestContext): Promise<VerifierBench> {
  const scene = await openScene(t);
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-verifier-"));
  const binFolder = join(folder, "bin");
  mkdirSync(binFolder);
  const pair = newPair();
  writeFileSync(join(folder, "release.pub"), pemOf(pair));
  writeFileSync(
    join(folder, "trust.yaml"),
    `version: 1\nsigners: { release: { key: release.pub } }\nrules: [{ scope: "${scene.host}/team/*", require: { anyOf: [release] } }]\n`,
  );
  const configuration = join(folder, "plimsoll.yaml");
  const admission = `admission: { trustFile: ${folder}/trust.yaml, insecureRegistries: ["${scene.host}"] }\n`;
  writeFileSync(configuration, `state: ${folder}/state\nruntime: ${folder}/run\n${admission}`);
  const env = { ...process.env, CONFIGURATION_DIRECTORY: join(folder, "c") };
  const plimsoll = async (...words: readonly string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [program, ...words, "--config", configuration], { env })).stdout;
  await plimsoll("trust", "verifier", "--output", join(binFolder, "plimsoll"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    ...{ folder, binFolder, scene, plimsoll },
    sign: (image) => scene.sign(image, "cosign", signerOf(pair)),
    async digestOf(image) {
      const [repository = "", tag = ""] = image.slice(scene.host.length + 1).split(":");
      const headers = { Accept: "application/vnd.oci.image.manifest.v1+json" };
      const answer = await fetch(`http://${scene.host}/v2/${repository}/manifests/${tag}`, { headers });
      return answer.headers.get("docker-content-digest") ?? "";
    },
    verify(name, digest, descriptor = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest, size: 1 }) {
      const words = ["-name", name, "-digest", digest];
      const type = ["-stdin-media-type", "application/vnd.oci.descriptor.v1+json"];
      const input = JSON.stringify(descriptor);
      const { status, stdout } = spawnSync(join(binFolder, "plimsoll"), [...words, ...type], { input });
      return { code: status, said: stdout.toString() };
    },
    async serve() {
      const words = [program, "trust", "serve", "--config", configuration];
      const child = spawn(process.execPath, words, { env, stdio: ["ignore", "ignore", "ignore"] });
      t.after(async () => {
        const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
        child.kill("SIGKILL");
        await ended;
      });
      while (!existsSync(join(folder, "run/plimsoll.pid"))) await sleep(20);
      return child;
    },
  };
}
