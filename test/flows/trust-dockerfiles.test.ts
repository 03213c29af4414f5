// Rows D3, D5, D6, D9, D10 and D11 of what Dockerfiles do, against a trust file: whatever else stands in it, every base is judged before
// anything is fetched or run; over a signed base policy, the engine and lint have their say. D1, D2, D4, D7, D8, D12, D13 are in trust-doors.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before as prepare, test } from "node:test";
import { whyNoEngine } from "../support/engine.ts";
import type { TestGate } from "../support/gate.ts";
import { archive, file, hardlink, symlink } from "../support/hostile-tar.ts";
import { type Reply, request } from "../support/http.ts";
import { added, restore, type Snapshot, takeSnapshot } from "../support/snapshot.ts";
import { openTrustScene, pull, runnableImage, type TrustScene } from "../support/trust-scene.ts";

const skip = whyNoEngine() ?? false;
const closers: (() => Promise<void> | void)[] = [];
const context = { after: (work: () => Promise<void> | void) => closers.push(work) };
let scene: TrustScene;
let gate: TestGate;
let before: Snapshot;
let good = "";
let bad = "";
let asked = 0;
let url = "";

prepare(async () => {
  if (skip !== false) return;
  scene = await openTrustScene(context);
  const signed = await runnableImage("good");
  good = await scene.push("1", signed);
  await scene.sign(signed);
  bad = await scene.push("2", await runnableImage("bad"));
  gate = await scene.gate({ local: "allow" });
  closers.push(gate.close);
  const server = createServer((_, response) => {
    asked += 1;
    response.end("fetched");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => void server.close());
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/file`;
  for (const name of [good, bad]) await pull(scene.engine.socket, name);
  before = await takeSnapshot(scene.engine.socket);
});

after(async () => {
  for (const close of closers.toReversed()) await close();
});

type Row = {
  readonly row: string;
  readonly rest: string;
  readonly files?: readonly Buffer[];
  /** Over a signed base: `built`, or who says no and how. */
  readonly over: "built" | RegExp;
};

const rows = (): readonly Row[] => [
  { row: "D3: a file from an address", rest: `ADD ${url} /added\n`, over: /would fetch a URL that the caller names/ },
  { row: "D3: a repository, which only BuildKit reads", rest: "ADD git@127.0.0.1:a/b.git /added\n", over: /./ },
  {
    row: "D5: RUN without confinement",
    rest: "RUN --security=insecure true\n",
    over: /Unknown flag|BuildKit|not|request/,
  },
  { row: "D5: RUN in the host's network", rest: "RUN --network=host true\n", over: /Unknown flag|BuildKit|request/ },
  { row: "D5: RUN with a secret", rest: "RUN --mount=type=secret,id=a true\n", over: /BuildKit|Unknown flag|request/ },
  {
    row: "D6: RUN with a cache",
    rest: "RUN --mount=type=cache,target=/c true\n",
    over: /BuildKit|Unknown flag|request/,
  },
  {
    row: "D9: a context that climbs out",
    rest: "COPY . /c\n",
    files: [file("../../etc/out", "x")],
    over: /leaves its folder/,
  },
  {
    row: "D9: below a link",
    rest: "COPY . /c\n",
    files: [symlink("l", "/etc"), file("l/x", "x")],
    over: /below a link/,
  },
  { row: "D9: a link to the host", rest: "COPY . /c\n", files: [hardlink("h", "/etc/shadow")], over: /./ },
  { row: "D10: root as the last user", rest: "USER root\n", over: "built" },
  { row: "D11: ports that manage hosts", rest: "EXPOSE 22 2375\n", over: "built" },
];

const build = (base: string, { rest, files = [] }: Row): Promise<Reply> =>
  request(gate.socket, "POST", "/build?t=made:1&nocache=1", {
    body: archive(file("Dockerfile", `FROM ${base}\n${rest}`), ...files),
    ...{ headers: { "Content-Type": "application/x-tar" }, timeoutMs: 60_000 },
  });
const isTaken = ({ status, text }: Reply): boolean => status < 300 && !text.includes('"errorDetail"');
const left = async (): Promise<readonly string[]> => added(before, await takeSnapshot(scene.engine.socket));

test("over a base that nobody signed nothing of a Dockerfile is done, whatever it says", { skip }, async () => {
  for (const row of rows()) {
    const reply = await build(bad, row);
    assert.deepEqual([isTaken(reply), await left(), asked], [false, [], 0], `${row.row}: ${reply.text}`);
    if (row.files === undefined) assert.match(reply.text, /nobody signed it/, row.row);
  }
});

test("over a signed base each is built, or refused for itself", { skip }, async () => {
  for (const row of rows()) {
    const reply = await build(good, row);
    const isBuilt = row.over === "built";
    assert.equal(isTaken(reply), isBuilt, `${row.row}: ${reply.text}`);
    if (row.over !== "built") assert.match(reply.text, row.over, row.row);
    const tags = (await left()).filter((what) => what.startsWith("tag:"));
    assert.deepEqual(tags, isBuilt ? ["tag:made:1"] : [], row.row);
    await restore(scene.engine.socket, before);
  }
  assert.equal(asked, 0);
});
