// What is in an image decides on newer engines as well: Docker 28, and Podman 5 with its Docker-compatible API.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { apkDatabase, osRelease } from "../admission/make-archive.ts";
import { type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { type Reply, request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { listAt, textAt } from "../support/json.ts";
import { startNewerEngine } from "../support/newer-engine.ts";
import { newerSuite } from "../support/newer-suite.ts";
import { tar } from "../support/tar.ts";

const trojan = "a file that stands for malware\n";
const hashes = `${createHash("sha256").update(trojan).digest("hex")}  Test.Trojan\n`;

function create(gate: TestGate, image: string): Promise<Reply> {
  const path = "/v1.41/containers/create";
  return request(gate.socket, "POST", path, { body: { Image: image, Cmd: ["true"] }, timeoutMs: 90_000 });
}

/** The program on the command line, with an engine to ask. */
function plimsoll(
  engine: TestEngine,
  ...words: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const environment = { ...process.env, DOCKER_HOST: `unix://${engine.socket}`, XDG_CACHE_HOME: engine.folder };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["src/main.ts", ...words],
      { env: environment, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

for (const name of ["docker", "podman"] as const) {
  const suite = await newerSuite(name);
  describe(`${name} of a newer suite`, { skip: whyNoEngine() ?? ("why" in suite ? suite.why : false) }, () => {
    let engine: TestEngine;
    let gate: TestGate;

    before(async () => {
      const started = await startNewerEngine(name);
      if ("why" in started) throw new Error(started.why);
      engine = started;
      await makeImage(engine.socket, { reference: "clean:1", files: [osRelease, apkDatabase(["curl", "8.5.0-r0"])] });
      await makeImage(engine.socket, {
        reference: "infected:1",
        files: [{ name: "opt/tool", data: trojan, mode: "0755" }],
      });
      const admission = { ruleFiles: ["$FOLDER/own.hashes"] };
      gate = await startGate(engine, { files: { "own.hashes": hashes }, configuration: { admission } });
    });
    after(async () => {
      await gate?.close();
      await engine?.close();
    });

    test("a clean image runs, one with malware does not, by name and by id", async () => {
      const infected = textAt((await request(engine.socket, "GET", "/v1.41/images/infected:1/json")).json, "Id");
      const replies = [await create(gate, "clean:1"), await create(gate, "infected:1"), await create(gate, infected)];
      assert.deepEqual(
        replies.map(({ status, text }) => [status, /image\.admit denied|no-malware|malware/.test(text)]),
        [
          [201, false],
          [403, true],
          [403, true],
        ],
        replies.map(({ text }) => text).join("\n"),
      );
      const made = await request(engine.socket, "GET", `/v1.41/containers/${textAt(replies[0]?.json, "Id")}/json`);
      const clean = await request(engine.socket, "GET", "/v1.41/images/clean:1/json");
      const hex = (id: string): string => id.replace(/^sha256:/, "");
      assert.equal(hex(textAt(made.json, "Image")), hex(textAt(clean.json, "Id")));
    });

    test("an image that is built through the gate is judged as well", async () => {
      const context = tar([{ name: "Dockerfile", data: "FROM infected:1\nLABEL a=b\n" }]);
      const built = await request(gate.socket, "POST", "/v1.41/build?version=1&t=mine:1", {
        body: context,
        headers: { "Content-Type": "application/x-tar" },
        timeoutMs: 90_000,
      });
      const made = await create(gate, "mine:1");
      assert.deepEqual([built.status, made.status], [200, 403], `${built.text}\n${made.text}`);
    });

    test("plimsoll scan reads an image that the engine has", async () => {
      const scanned = await plimsoll(engine, "scan", "engine://clean:1", "--format", "json", "--policies", "none");
      assert.ok(scanned.code <= 1, scanned.stderr);
      const [found] = listAt(JSON.parse(scanned.stdout), "packages");
      assert.deepEqual([textAt(found, "name"), textAt(found, "version")], ["curl", "8.5.0-r0"]);
    });
  });
}
