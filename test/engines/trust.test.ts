// A trust file in front of Docker 28, which keeps images by their config, or by their manifest (containerd's store).

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { program } from "../cli/installation.ts";
import { newPair, pemOf } from "../judges/scene.ts";
import { type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { startHostileRegistry } from "../support/hostile-registry.ts";
import { archive, file, member } from "../support/hostile-tar.ts";
import { type Reply, request } from "../support/http.ts";
import { at, listAt, textAt } from "../support/json.ts";
import { startNewerEngine } from "../support/newer-engine.ts";
import { describe, indexOf, type MadeImage, makeBlob, newSavedArchive, types } from "../support/oci-image.ts";
import { enterOwnNetwork } from "../support/own-network.ts";
import { added, takeSnapshot } from "../support/snapshot.ts";
import { create, labPolicy, pull, runnableImage } from "../support/trust-scene.ts";

const skip = whyNoEngine() ?? false;
if (skip === false) enterOwnNetwork();

const isTaken = ({ status, text }: Reply): boolean => status < 300 && !text.includes('"errorDetail"');

/** In containerd's store a digest that was pulled is a name of its own. */
const isTag = (what: string): boolean => what.startsWith("tag:") && !what.includes("@");

type Kind = "docker" | "docker with containerd's store" | "podman";

async function start(kind: Kind, insecureRegistry: string): ReturnType<typeof startNewerEngine> {
  if (kind === "podman") return startNewerEngine("podman", [], { sharesNetwork: true, insecureRegistry });
  const settings = { features: { "containerd-snapshotter": kind !== "docker" } };
  return startNewerEngine("docker", ["--bridge=none", "--iptables=false", "--ip6tables=false"], {
    sharesNetwork: true,
    settings,
  });
}

async function getsIn(t: TestContext, kind: Kind): Promise<void> {
  const registry = await startHostileRegistry({ after: (work) => t.after(work) });
  const engine = await start(kind, registry.host);
  if ("why" in engine) return t.skip(engine.why);
  t.after(engine.close);
  const repository = registry.repository("app");
  const release = newPair();
  const [good, bad] = [await runnableImage("good"), await runnableImage("bad")];
  const entry = describe(good.manifest, types.manifest, { platform: { os: "linux", architecture: "amd64" } });
  const index = makeBlob(indexOf(entry));
  repository.push(good, "plain");
  repository.serve(index, types.index);
  repository.push(bad, "2");
  await repository.sign(release, index, {}, types.index);
  const rules = [{ scope: `${registry.host}/*`, require: { anyOf: ["release"] } }];
  const trust = { version: "1", signers: { release: { key: pemOf(release) } }, rules, local: "allow" };
  const gate = await startGate(engine, {
    policies: ["baseline", "$FOLDER/lab.cedar"],
    files: { "lab.cedar": labPolicy, "trust.yaml": JSON.stringify(trust) },
    configuration: {
      admission: { enabled: "no", trustFile: "$FOLDER/trust.yaml", insecureRegistries: [registry.host] },
    },
  });
  t.after(gate.close);
  const empty = await takeSnapshot(engine.socket);
  const refused = await pull(gate.socket, `${repository.name}:2`);
  const left = added(empty, await takeSnapshot(engine.socket));
  const pulled = await pull(gate.socket, `${repository.name}:1`);
  const tags = added(empty, await takeSnapshot(engine.socket)).filter(isTag);
  assert.ok(isTaken(pulled), pulled.text);
  const made = await create(gate.socket, `${repository.name}:1`);
  const id = textAt(made.json, "Id");
  await request(gate.socket, "POST", `/containers/${id}/start`);
  await request(gate.socket, "POST", `/containers/${id}/wait`);
  const logs = await request(gate.socket, "GET", `/containers/${id}/logs?stdout=1`);
  const shown = await request(gate.socket, "GET", `/containers/${id}/json`);
  const built = await request(gate.socket, "POST", "/build?t=made:1&version=1", {
    body: archive(file("Dockerfile", `FROM ${repository.name}:1\nCOPY --from=${repository.name}:1 /mark /again\n`)),
    headers: { "Content-Type": "application/x-tar" },
    timeoutMs: 60_000,
  });
  const around = await request(engine.socket, "POST", `/images/create?fromImage=${repository.name}&tag=2`, {
    timeoutMs: 60_000,
  });
  const run = await create(gate.socket, `${repository.name}:2`);
  const carried = await loadCarried(gate, engine, repository.name, good);
  assert.deepEqual(
    {
      ...{ refused: isTaken(refused), left, pulled: isTaken(pulled), tags, made: made.status },
      ...{ logs: logs.text.includes("good"), shown: at(shown.json, "Config", "Image") },
      ...{ built: isTaken(built), around: isTaken(around), run: run.status, carried },
    },
    {
      ...{ refused: false, left: [], pulled: true, tags: [`tag:${repository.name}:1`], made: 201 },
      ...{ logs: true, shown: `${repository.name}:1`, built: true, around: true, run: 403 },
      carried: { alone: false, withSignatures: true, made: 201 },
    },
    [refused, pulled, made, built, run].map(({ text }) => text.slice(-300)).join("\n"),
  );
}

/** The signed image once more, from an archive: by itself, and with what its registry said of it. */
async function loadCarried(gate: TestGate, engine: TestEngine, repository: string, image: MadeImage): Promise<object> {
  const name = `${repository}:1`;
  const { json } = await request(engine.socket, "GET", "/containers/json?all=1");
  for (const container of listAt(json)) {
    await request(engine.socket, "DELETE", `/containers/${textAt(container, "Id")}?force=1`);
  }
  for (const one of ["made:1", name]) await request(engine.socket, "DELETE", `/images/${one}?force=1`);
  const signatureFile = join(gate.folder, "signatures.plimsoll.json");
  const host = repository.split("/", 1)[0] ?? "";
  // Not in one go: the registry is in this process.
  const words = [program, "trust", "export", name, "--output", signatureFile, "--insecure-registry", host];
  await promisify(execFile)(process.execPath, words);
  const named = { annotations: { "io.containerd.image.name": name } };
  const layout = indexOf(describe(image.manifest, types.manifest, named));
  const saved = newSavedArchive(image, { RepoTags: [name] }, layout);
  const signatures = member({ name: "signatures.plimsoll.json", data: readFileSync(signatureFile) });
  const load = (body: Buffer): Promise<Reply> =>
    request(gate.socket, "POST", "/images/load", {
      ...{ body, headers: { "Content-Type": "application/x-tar" }, timeoutMs: 60_000 },
    });
  const alone = await load(saved);
  const together = await load(Buffer.concat([signatures, saved]));
  const made = await create(gate.socket, name);
  return { alone: isTaken(alone), withSignatures: isTaken(together), made: made.status };
}

test("Docker 28 takes in what is signed, and nothing else", { skip }, (t) => getsIn(t, "docker"));
test("so it does with containerd's image store", { skip }, (t) => getsIn(t, "docker with containerd's store"));
test("so does Podman 5", { skip }, (t) => getsIn(t, "podman"));
