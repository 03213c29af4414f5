// The file that containerd runs before it pulls: run here exactly as containerd runs it. With containerd itself: test/engines.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pushManifest } from "../support/loopback-registry.ts";
import { indexOf, makeBlob, types } from "../support/oci-image.ts";
import { openVerifierBench } from "./verifier-bench.ts";

test("what is signed may be pulled, by its digest alone; what is not is refused with who would have had to sign", async (t) => {
  const bench = await openVerifierBench(t);
  const [signed, unsigned] = [await bench.scene.image("signed"), await bench.scene.image("unsigned")];
  await bench.sign(signed);
  const child = await bench.serve();
  const [good, bad] = [await bench.digestOf(signed), await bench.digestOf(unsigned)];
  assert.deepEqual(bench.verify(signed, good), { code: 0, said: "plimsoll: signed by release\n" });
  const refused = bench.verify(unsigned, bad);
  assert.equal(refused.code, 1);
  assert.match(refused.said, /nobody signed it; needs a signature by release; ask release to sign sha256:/);
  // A tag that moved between the runtime's look and ours: only the digest counts.
  assert.equal(bench.verify(signed, bad).code, 1);
  assert.equal(bench.verify(unsigned, good).code, 0);
  assert.equal(bench.verify(`${bench.scene.host}/elsewhere/app:1`, good).code, 1);
  const exported = await bench.plimsoll("log", "export");
  const records = exported
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    records.map(({ action, verdict, listener }) => [action, verdict, listener]),
    ["allow", "deny", "deny", "allow", "deny"].map((verdict) => ["image.pull", verdict, "control"]),
  );
  await bench.plimsoll("down");
  if (child.exitCode === null) await once(child, "exit");
  assert.equal(child.exitCode, 0);
});

test("a runtime that asks about the image for its platform is told what the signed index says, where a tag leads to it", async (t) => {
  const bench = await openVerifierBench(t);
  const { host } = bench.scene;
  const [child, other] = [await bench.scene.image("child"), await bench.scene.image("other")];
  const digest = await bench.digestOf(child);
  const manifest = await (await fetch(`http://${host}/v2/team/app/manifests/child`, manifestOnly)).arrayBuffer();
  const platform = { os: "linux", architecture: "amd64" };
  const entry = { mediaType: types.manifest, digest, size: manifest.byteLength, platform };
  await pushManifest(host, "team/app", "index", makeBlob(indexOf(entry)).bytes, types.index);
  await bench.sign(`${host}/team/app:index`);
  await bench.serve();
  const asked: readonly (readonly [string, string])[] = [
    [`${host}/team/app:index`, digest],
    [`${host}/team/app:index@${digest}`, digest],
    [`${host}/team/app@${digest}`, digest],
    [child, digest],
    [`${host}/team/app:index`, await bench.digestOf(other)],
  ];
  assert.deepEqual(
    asked.map(([name, of]) => bench.verify(name, of).code),
    [0, 0, 1, 1, 1],
  );
});

const manifestOnly = { headers: { Accept: types.manifest } };

test("nobody runs, an odd question, another descriptor, no trust file: the answer is no, with a reason", async (t) => {
  const bench = await openVerifierBench(t);
  const image = await bench.scene.image("signed");
  await bench.sign(image);
  const digest = await bench.digestOf(image);
  const other = `sha256:${"0".repeat(64)}`;
  const alone = bench.verify(image, digest);
  assert.deepEqual([alone.code, /nobody answers on/.test(alone.said)], [1, true]);
  await bench.serve();
  const cases: readonly (readonly [string, string, object?])[] = [
    [image, digest, { digest: other }],
    [image, digest, []],
    [image, "sha256:../../x"],
    [image, ""],
    ["", digest],
    ["UPPER/case", digest],
    [`${image}@${other}`, digest],
    [`-digest`, digest],
    [image, other],
  ];
  for (const [name, of, descriptor] of cases) {
    const { code, said } = bench.verify(name, of, descriptor);
    assert.deepEqual([code, /^plimsoll: .{10,}/.test(said)], [1, true], `${name} ${of}: ${said}`);
  }
  assert.equal(bench.verify(image, digest).code, 0);
});

/** A descriptor on a pipe that does not wait for its reader, written when somebody comes to it. */
const late = `import os, subprocess, sys, time
r, w = os.pipe()
os.set_blocking(r, False)
child = subprocess.Popen(sys.argv[2:], stdin=r)
os.close(r)
time.sleep(1)
os.write(w, sys.argv[1].encode())
os.close(w)
sys.exit(child.wait())`;

test("a runtime that is slow to say what it asks about is waited for", async (t) => {
  const bench = await openVerifierBench(t);
  const image = await bench.scene.image("signed");
  await bench.sign(image);
  const digest = await bench.digestOf(image);
  await bench.serve();
  const words = [join(bench.binFolder, "plimsoll"), "-name", image, "-digest", digest, "-stdin-media-type", "x"];
  const { stdout, status } = spawnSync("python3", ["-c", late, JSON.stringify({ digest }), ...words]);
  assert.deepEqual([status, stdout.toString()], [0, "plimsoll: signed by release\n"]);
});

test("where no trust file is, an installed verifier lets nothing through", async (t) => {
  const bench = await openVerifierBench(t);
  const image = await bench.scene.image("signed");
  await bench.sign(image);
  const configuration = `state: ${bench.folder}/state\nruntime: ${bench.folder}/run\n`;
  writeFileSync(join(bench.folder, "plimsoll.yaml"), configuration);
  await bench.serve();
  const { code, said } = bench.verify(image, await bench.digestOf(image));
  assert.deepEqual([code, said], [1, "plimsoll: there is no trust file on this host that allows it\n"]);
});
