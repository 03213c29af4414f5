// docs/enforce-signatures.md as its reader runs it, block by block, on a machine as good as fresh. Only the registry's name differs
// (there is one on loopback, without TLS), and the passphrase is typed by a file.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { whyNoEngine } from "../support/engine.ts";
import { pushImage, startLoopbackRegistry } from "../support/loopback-registry.ts";
import { enterOwnMachine } from "../support/own-machine.ts";
import { enterOwnEtc } from "../support/own-network.ts";
import { labPolicy, runnableImage } from "../support/trust-scene.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/enforce-signatures.md"), "utf8");
const skip = whyNoEngine() ?? false;
const closers: (() => Promise<void> | void)[] = [];
const folder = mkdtempSync(join(tmpdir(), "plimsoll-page-"));
let host = "";

const blocksOf = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)\\n\`\`\`$`, "gms"))].map(([, text = ""]) => text);
const here = (text: string): string => text.replaceAll("registry.example", host);

before(async () => {
  if (skip !== false) return;
  enterOwnMachine();
  mkdirSync(join(folder, "etc"));
  enterOwnEtc(join(folder, "etc"));
  host = await startLoopbackRegistry({ after: (work) => closers.push(work) });
  await pushImage(host, "team/app", "1.4", await runnableImage("good"));
  await pushImage(host, "team/app", "unsigned", await runnableImage("bad"));
  writeFileSync(join(folder, "passphrase"), "long enough for a test\n");
  const program = `exec ${process.execPath} ${join(root, "src/main.ts")} "$@"`;
  const typed = `--insecure-registry ${host} --pin-fd 3 3<${folder}/passphrase`;
  const wrapper = `#!/bin/sh
case "$1" in
  keys) ${program} --pin-fd 3 3<${folder}/passphrase ;;
  sign) ${program} ${typed} ;;
  verify|trust) ${program} --insecure-registry ${host} ;;
  *) ${program} ;;
esac
`;
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/plimsoll"), wrapper);
  chmodSync(join(folder, "bin/plimsoll"), 0o755);
});

after(async () => {
  if (skip === false) await type("plimsoll down");
  for (const close of closers.toReversed()) await close();
  if (skip === false) execFileSync("umount", ["--lazy", "/etc", join(folder, "etc")]);
  rmSync(folder, { recursive: true, force: true });
});

type Shown = { readonly code: number; readonly out: string; readonly error: string };

function type(text: string): Promise<Shown> {
  const env = { PATH: `${folder}/bin:${process.env["PATH"]}`, HOME: folder, NODE_NO_WARNINGS: "1" };
  return new Promise((resolve) => {
    execFile("sh", ["-c", here(text)], { env, timeout: 120_000 }, (error, out, shown) =>
      resolve({ code: typeof error?.code === "number" ? error.code : Number(error !== null), out, error: shown }),
    );
  });
}

test("whoever follows the page has a host that runs what was signed, and nothing else", {
  skip,
  timeout: 300_000,
}, async () => {
  const [key = "", sign = "", look = "", enforce = "", work = "", ...others] = blocksOf("sh");
  const [trustFile = ""] = blocksOf("yaml");
  assert.deepEqual(others, []);
  const made = await type(key);
  assert.equal(made.code, 0, made.error);
  const lab = "/etc/plimsoll/lab.cedar";
  writeFileSync(lab, labPolicy);
  const listener = `listeners: [{ name: docker, unix: /run/plimsoll/docker.sock, policies: [baseline, ${lab}] }]`;
  const admission = `admission: { enabled: "no", insecureRegistries: ["${host}"] }`;
  writeFileSync("/etc/plimsoll/plimsoll.yaml", `engine: managed\n${listener}\n${admission}\n`);
  const signed = await type(sign);
  writeFileSync("/etc/plimsoll/trust.yaml", here(trustFile));
  const shown = await type(look);
  const started = await type(enforce);
  assert.deepEqual([signed.code, shown.code, started.code], [0, 0, 0], signed.error + shown.error + started.error);
  assert.match(shown.out, /✔ release +signed[\s\S]*✔ release +tag record[\s\S]*TRUSTED/);
  assert.match(started.out, /trust.*trust\.yaml/);
  const ran = await type(work.replaceAll("docker run --rm", "docker run --rm --network none"));
  const flat = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
  const promised = flat(here(page.split("nothing of it is on the host:")[1]?.split("```")[1] ?? ""));
  assert.deepEqual([ran.code, ran.out.trim(), flat(ran.error).includes(promised)], [125, "hello", true], ran.error);
  const left = await type(
    "DOCKER_HOST=unix:///run/plimsoll/docker.sock docker images --format '{{.Repository}}:{{.Tag}}'",
  );
  assert.deepEqual(left.out.trim().split("\n"), [`${host}/team/app:1.4`]);
});
