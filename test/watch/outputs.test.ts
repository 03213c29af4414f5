// Alerts reach log servers and webhooks: real sockets, a real HTTP server, a spool on a real disk.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import type { OpenOutput, OutputTools } from "../../src/watch/output.ts";
import { outputs } from "../../src/watch/outputs.generated.ts";
import { openSpool } from "../../src/watch/spool.ts";
import { eventually } from "../support/eventually.ts";
import { anAlert, hostileName } from "../support/watch.ts";

type Kit = OutputTools & { readonly folder: string; readonly problems: string[]; readonly written: string[] };

function kit(t: TestContext): Kit {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-outputs-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const problems: string[] = [];
  const written: string[] = [];
  return {
    ...{ folder, problems, written, spoolFolder: folder, hostName: "host one", version: "1.2.3" },
    write: (text) => written.push(text),
    onProblem: (text) => problems.push(text),
  };
}

function open(t: TestContext, kind: string, to: string, tools: Kit, secretFile = ""): OpenOutput {
  const output = outputs.find(({ name }) => name === kind);
  assert.ok(output !== undefined);
  const opened = output.open({ kind, to, secretFile }, tools);
  t.after(() => opened.close());
  return opened;
}

const line = /^<10[679]>1 \S+ host\?one plimsoll \d+ alert \[plimsoll@32473 id="[0-9A-Z]+" rule="[a-z-]+" .*\] .+$/;

test("syslog over UDP and TCP gets one line for each alert, whatever its names hold", async (t) => {
  const tools = kit(t);
  const udp = createSocket("udp4").bind(0, "127.0.0.1");
  t.after(() => udp.close());
  await once(udp, "listening");
  const received: string[] = [];
  udp.on("message", (bytes) => received.push(bytes.toString("utf8")));
  const tcp = createTcpServer((socket) => socket.on("data", (bytes) => received.push(bytes.toString("utf8"))));
  tcp.listen(0, "127.0.0.1");
  t.after(() => tcp.close());
  await once(tcp, "listening");
  open(t, "syslog", `udp://127.0.0.1:${udp.address().port}`, tools).tell(anAlert({ message: hostileName }));
  open(t, "syslog", `tcp://127.0.0.1:${portOf(tcp.address())}`, tools).tell(anAlert({ message: hostileName }));
  await eventually(
    () => received.length,
    (count) => count === 2,
  );
  const [plain = "", framed = ""] = received.sort((one) => (/^\d+ </.test(one) ? 1 : -1));
  const [, length = "", text = ""] = /^(\d+) (.*)$/s.exec(framed) ?? [];
  assert.deepEqual([plain.split("\n").length, Number(length)], [1, Buffer.byteLength(text)]);
  for (const each of [plain, text]) assert.match(each, line);
});

test("syslog goes to /dev/log, and an alert that nobody takes there is counted", async (t) => {
  const tools = kit(t);
  const nobody = open(t, "syslog", join(tools.folder, "log"), tools);
  nobody.tell(anAlert());
  assert.equal(nobody.lost(), 1);
  assert.throws(
    () => open(t, "syslog", "gopher://x", tools),
    (thrown) => thrown instanceof PlimsollError && thrown.code === "CONFIG_INVALID",
  );
});

test("a webhook is signed, and what it does not take waits on disk and is sent again in order", async (t) => {
  const tools = kit(t);
  const secret = join(tools.folder, "secret");
  writeFileSync(secret, "0123456789abcdef\n");
  const got: { readonly id: string; readonly isSigned: boolean }[] = [];
  let answer = 503;
  const server = createServer((incoming, response) => {
    let body = "";
    incoming.on("data", (bytes) => {
      body += bytes;
    });
    incoming.on("end", () => {
      const time = incoming.headers["x-plimsoll-timestamp"];
      const expected = createHmac("sha256", "0123456789abcdef").update(`${time}.${body}`).digest("hex");
      if (answer === 200)
        got.push({
          id: JSON.parse(body)["event.id"],
          isSigned: incoming.headers["x-plimsoll-signature"] === `sha256=${expected}`,
        });
      response.writeHead(answer).end();
    });
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const url = `http://user:password@127.0.0.1:${portOf(server.address())}/alerts`;
  const one = outputs
    .find(({ name }) => name === "webhook")
    ?.open({ kind: "webhook", to: url.replace("user:password@", ""), secretFile: secret }, tools);
  const alerts = ["01AAAAAAAAAAAAAAAAAAAAAAAA", "01BBBBBBBBBBBBBBBBBBBBBBBB"].map((id) => anAlert({ id }));
  for (const alert of alerts) one?.tell(alert);
  await eventually(
    () => tools.problems.length,
    (count) => count > 0,
  );
  await one?.close();
  answer = 200;
  const again = open(t, "webhook", url.replace("user:password@", ""), tools, secret);
  await eventually(
    () => got.length,
    (count) => count === 2,
  );
  assert.deepEqual(
    got,
    alerts.map(({ id }) => ({ id, isSigned: true })),
  );
  assert.match(tools.problems[0] ?? "", /it answered 503, tried again in 1 s/);
  assert.equal(again.lost(), 0);
});

test("a webhook follows no redirection: what is told is for whom the operator named", async (t) => {
  const tools = kit(t);
  let visits = 0;
  const server = createServer((incoming, response) => {
    if (incoming.url === "/elsewhere") visits++;
    response.writeHead(307, { location: "/elsewhere" }).end();
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  open(t, "webhook", `http://127.0.0.1:${portOf(server.address())}/`, tools).tell(anAlert());
  await eventually(
    () => tools.problems.length,
    (count) => count > 0,
  );
  assert.equal(visits, 0);
  assert.throws(() => open(t, "webhook", "file:///etc/passwd", tools), /begins with https/);
});

test("the spool keeps its limits and what was in it before a restart", (t) => {
  const { folder } = kit(t);
  const spool = openSpool(folder, { entries: 2, bytes: 100 });
  const added = [
    spool.add("01A", "a"),
    spool.add("01B", "x".repeat(200)),
    spool.add("01C", "c"),
    spool.add("01D", "d"),
  ];
  writeFileSync(join(folder, "01E.part"), "half");
  const again = openSpool(folder, { entries: 2, bytes: 100 });
  const first = again.first();
  again.remove(first?.name ?? "");
  assert.deepEqual(
    [added, first, again.size(), readdirSync(folder).filter((name) => name.endsWith(".json"))],
    [[true, false, true, false], { name: "01A.json", body: "a" }, 1, ["01C.json"]],
  );
});

test("lines on standard output are one object each, in the names of ECS", (t) => {
  const tools = kit(t);
  open(t, "stdout", "", tools).tell(anAlert({ message: hostileName }));
  const [text = ""] = tools.written;
  const value: Record<string, unknown> = JSON.parse(text);
  assert.deepEqual(
    [text.split("\n").length, /(?!\n)[\p{C}\p{Zl}\p{Zp}]/u.test(text), value["message"], value["container.name"]],
    [2, false, hostileName, "web"],
  );
});

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
