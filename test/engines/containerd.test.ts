// The image verifier inside Debian sid's containerd, which pulls nothing that nobody vouches for.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { newerSuite } from "../support/newer-suite.ts";
import { openVerifierBench, type VerifierBench } from "../trust/verifier-bench.ts";

type Answered = { readonly code: number; readonly said: string };
type Ctr = (...words: readonly string[]) => Promise<Answered>;

/** A containerd of its own that asks what is in the bench's folder. */
async function startContainerd(t: TestContext, root: string, { binFolder }: VerifierBench): Promise<Ctr> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-containerd-"));
  const socket = join(folder, "c.sock");
  const off = ["grpc.v1.cri", "cri.v1.images", "cri.v1.runtime", "nri.v1.nri"].map((name) => `"io.containerd.${name}"`);
  writeFileSync(
    join(folder, "config.toml"),
    `version = 3\nroot = "${folder}/root"\nstate = "${folder}/state"\ndisabled_plugins = [${off.join(", ")}]\n` +
      `[grpc]\n  address = "${socket}"\n[plugins."io.containerd.image-verifier.v1.bindir"]\n  bin_dir = "${binFolder}"\n`,
  );
  const words = ["--pdeathsig=KILL", join(root, "usr/bin/containerd"), "--config", join(folder, "config.toml")];
  const child = spawn("setpriv", words, { stdio: "ignore" });
  t.after(async () => {
    const ended = child.exitCode === null ? once(child, "exit") : undefined;
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  while (!existsSync(socket)) {
    assert.equal(child.exitCode, null, "containerd ended");
    await sleep(50);
  }
  return (...asked) =>
    new Promise((resolve) => {
      execFile(join(root, "usr/bin/ctr"), ["--address", socket, ...asked], (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : 1, said: stdout + stderr }),
      );
    });
}

test("containerd 2.1 pulls what is signed, and refuses the rest with our reason; nothing of it stays", async (t) => {
  const suite = await newerSuite("docker");
  if ("why" in suite) return t.skip(suite.why);
  const bench = await openVerifierBench(t);
  const ctr = await startContainerd(t, suite.root, bench);
  const pull = (image: string): Promise<Answered> => ctr("images", "pull", "--plain-http", "--skip-metadata", image);
  const [signed, unsigned] = [await bench.scene.image("signed"), await bench.scene.image("unsigned")];
  await bench.sign(signed);
  const unanswered = await pull(signed);
  const service = await bench.serve();
  const [good, bad] = [await pull(signed), await pull(unsigned)];
  service.kill("SIGKILL");
  await once(service, "exit");
  const after = await pull(signed);
  const everything = [unanswered, good, bad, after].map(({ said }) => said).join("\n");
  assert.deepEqual([unanswered.code, good.code, bad.code, after.code], [1, 0, 1, 1], everything);
  assert.match(bad.said, /nobody signed it; needs a signature by release/);
  assert.match(after.said, /nobody answers on/);
  const { said } = await ctr("images", "list", "--quiet");
  assert.deepEqual(said.trim().split("\n"), [signed]);
  return undefined;
});
