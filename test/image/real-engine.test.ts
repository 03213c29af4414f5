// Images and containers of a real engine, what skopeo makes of them, and a real registry: the same image everywhere.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Digest } from "../../src/model/image.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { textAt } from "../support/json.ts";
import { scratch, settingsFor } from "../support/oci-image.ts";
import { refusal, type SeenImage, seeImage } from "../support/open-image.ts";

const run = promisify(execFile);

type Context = { readonly after: (work: () => Promise<void>) => void };

/** Debian's docker-registry on a free port of loopback. */
async function startDockerRegistry(t: Context, folder: string): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  const host = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  await mkdir(join(folder, "registry"));
  const config = `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${folder}/registry } }\nhttp: { addr: "${host}" }\n`;
  await writeFile(join(folder, "registry.yml"), config);
  const child = spawn("docker-registry", ["serve", join(folder, "registry.yml")], { stdio: "ignore" });
  t.after(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  for (let tries = 0; tries < 100; tries += 1) {
    const isUp = await fetch(`http://${host}/v2/`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isUp) return host;
    await sleep(100);
  }
  throw new Error("docker-registry did not answer");
}

describe("with a real engine", { skip: whyNoEngine() }, () => {
  let engine: TestEngine;
  let id: Digest;
  before(async () => {
    engine = await startEngine({ args: ["--storage-driver=overlay2"] });
    id = await makeImage(engine.socket, {
      reference: "team/app:1",
      files: [{ name: "etc/os-release", data: "ID=test\n" }],
    });
  });
  after(() => engine.close());

  const facts = ({ description, files, ambiguities }: SeenImage): object => ({
    id: description.configDigest,
    source: description.source,
    names: description.names,
    hasFile: files.includes("etc/os-release"),
    ambiguities,
  });
  const expected = { id: "", source: "engine", names: ["docker.io/team/app:1"], hasFile: true, ambiguities: [] };

  test("an image is read by its name, its id and the start of its id, and nothing is left behind", async (t) => {
    const folder = await scratch(t);
    const settings = settingsFor(folder, { engineSocket: engine.socket });
    const seen = [];
    for (const name of ["team/app:1", id, id.slice(7, 19), "engine://team/app:1"])
      seen.push(facts(await seeImage(name, settings)));
    assert.deepEqual([seen, await readdir(folder)], [Array.from({ length: 4 }, () => ({ ...expected, id })), []]);
  });

  test("an image that the engine does not have is told", async (t) => {
    const settings = settingsFor(await scratch(t), { engineSocket: engine.socket });
    assert.deepEqual(
      [await refusal("engine://none:1", settings), await refusal("container://none", settings)],
      ["NOT_FOUND", "NOT_FOUND"],
    );
  });

  test("an engine that is not there is told", async (t) => {
    const folder = await scratch(t);
    assert.equal(
      await refusal("engine://any:1", settingsFor(folder, { engineSocket: join(folder, "none.sock") })),
      "ENGINE_UNREACHABLE",
    );
  });

  test("a container is its image and what it changed", async (t) => {
    const command = [
      "sh",
      "-c",
      "echo new > /made; rm /etc/group; rm -r /tmp; mkdir /tmp; echo again > /tmp/x; ln -s /made /link",
    ];
    const host = { NetworkMode: "none" };
    const made = await request(engine.socket, "POST", "/containers/create?name=changed", {
      body: { Image: id, Cmd: command, HostConfig: host },
    });
    const container = textAt(made.json, "Id");
    await request(engine.socket, "POST", `/containers/${container}/start`);
    await request(engine.socket, "POST", `/containers/${container}/wait`);
    const seen = await seeImage("container://changed", settingsFor(await scratch(t), { engineSocket: engine.socket }));
    const has = (path: string): boolean => seen.files.includes(path);
    assert.deepEqual(
      {
        layers: seen.description.layers.map(
          ({ createdBy, mediaType }) => createdBy === "container" && mediaType === "",
        ),
        found: ["made", "etc/group", "etc/passwd", "tmp/x", "bin/busybox"].map(has),
        source: seen.description.source,
      },
      { layers: [false, true], found: [true, false, true, true, true], source: "container" },
    );
  });

  test("what the engine saves, and what skopeo makes of it, is the same image", { timeout: 120_000 }, async (t) => {
    const folder = await scratch(t);
    const saved = join(folder, "saved.tar");
    await writeFile(saved, (await request(engine.socket, "GET", "/images/team%2Fapp:1/get")).body);
    const host = await startDockerRegistry(t, folder);
    const from = `docker-archive:${saved}`;
    const copy = async (to: string, ...more: string[]): Promise<void> => {
      await run("skopeo", ["--insecure-policy", "--tmpdir", folder, "copy", "--quiet", ...more, from, to]);
    };
    await copy(`oci:${folder}/layout:team/app:1`);
    await copy(`oci-archive:${folder}/oci.tar:team/app:1`);
    await copy(`docker-archive:${folder}/again.tar:team/app:1`);
    await copy(`oci:${folder}/zstd:1`, "--dest-compress-format", "zstd");
    await copy(`docker://${host}/team/app:1`, "--dest-tls-verify=false");
    const settings = settingsFor(folder, { insecureRegistries: [host] });
    const subjects = [
      saved,
      `${folder}/layout`,
      `${folder}/oci.tar`,
      `${folder}/again.tar`,
      `${folder}/zstd`,
      `${host}/team/app:1`,
    ];
    const seen = [];
    for (const subject of subjects) seen.push(await seeImage(subject, settings));
    const [first] = seen;
    assert.deepEqual(
      seen.map(({ description, files, ambiguities }) => ({
        source: description.source,
        diffIds: description.config.diffIds,
        files: files.join(),
        ambiguities,
      })),
      ["docker-archive", "oci-layout", "oci-archive", "docker-archive", "oci-layout", "registry"].map((source) => ({
        source,
        diffIds: first?.description.config.diffIds,
        files: first?.files.join(),
        ambiguities: [],
      })),
    );
  });
});
