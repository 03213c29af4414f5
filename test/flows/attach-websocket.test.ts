// Attach by websocket, as web consoles do it: a terminal, both directions, much output, both ways to an end. The same
// conversations straight to the engine and through the gate.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { textAt } from "../support/json.ts";
import { startTenant, type Tenant } from "../support/tenants.ts";
import { WebSocketClient } from "../support/websocket.ts";

const skip = whyNoEngine() ?? false;
let engine: TestEngine;
let gate: TestGate;
let alice: Tenant;
let bob: Tenant;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  await makeImage(engine.socket);
  gate = await startGate(engine);
  alice = await startTenant(gate.socket, { uid: 2001 });
  bob = await startTenant(gate.socket, { uid: 2002 });
});

after(async () => {
  await alice?.close();
  await bob?.close();
  await gate?.close();
  await engine?.close();
});

type Way = "direct" | "gated";
const socketOf = (way: Way): string => (way === "direct" ? engine.socket : alice.socket);
const query = "stream=1&stdin=1&stdout=1&stderr=1";

async function startShell(way: Way, more: object = {}): Promise<string> {
  const body = { Image: "bb:1", Cmd: ["sh"], OpenStdin: true, HostConfig: { NetworkMode: "none" }, ...more };
  const id = textAt((await request(socketOf(way), "POST", "/containers/create", { body })).json, "Id");
  await request(socketOf(way), "POST", `/containers/${id}/start`);
  return id;
}

const attach = (way: Way, id: string): Promise<WebSocketClient> =>
  WebSocketClient.open(socketOf(way), `/containers/${id}/attach/ws?${query}`);
const said = (text: string) => (client: WebSocketClient) => client.received.includes(text);

async function remove(way: Way, id: string): Promise<void> {
  await request(socketOf(way), "DELETE", `/containers/${id}?force=1`);
}

for (const way of ["direct", "gated"] as const) {
  test(`${way}: a terminal is typed into and answers`, { skip }, async () => {
    const id = await startShell(way, { Tty: true });
    const console = await attach(way, id);
    console.send("echo first-$((40+2))\n");
    await console.until(said("first-42"));
    const resized = await request(socketOf(way), "POST", `/containers/${id}/resize?h=33&w=121`);
    console.send("stty size\n");
    await console.until(said("33 121"));
    console.ping();
    console.send("echo $((1+1))-after-ping\n");
    await console.until(said("2-after-ping"));
    console.close();
    await console.until(({ isClosed }) => isClosed);
    const again = await attach(way, id);
    again.send("echo back-$((6*7))\n");
    await again.until(said("back-42"));
    again.send("exit\n");
    await again.until(({ isClosed }) => isClosed);
    assert.equal(resized.status, 200);
    await remove(way, id);
  });

  test(`${way}: a megabyte comes through whole, in both directions`, { skip }, async () => {
    const id = await startShell(way, { Cmd: ["cat"] });
    const console = await attach(way, id);
    const line = `${"0123456789abcdef".repeat(64)}\n`;
    const lines = 1024;
    for (let sent = 0; sent < lines; sent += 1) console.send(line);
    await console.until(({ received }) => received.length >= line.length * lines);
    const text = console.received.toString("latin1");
    assert.deepEqual([text.length, text === line.repeat(lines)], [line.length * lines, true]);
    console.close();
    await remove(way, id);
  });

  test(`${way}: the end of the container ends the conversation`, { skip }, async () => {
    const id = await startShell(way);
    const console = await attach(way, id);
    console.send("echo last; exit 3\n");
    await console.until(({ isClosed }) => isClosed);
    const code = /"ExitCode":(\d+)/.exec((await request(socketOf(way), "GET", `/containers/${id}/json`)).text)?.[1];
    assert.deepEqual([console.received.toString(), code], ["last\n", "3"]);
    await remove(way, id);
  });

  test(`${way}: no conversation with a container that is not there`, { skip }, async () => {
    await assert.rejects(attach(way, "nothing"), /HTTP\/1\.1 404/);
  });
}

test("another's container is not talked to, and the record of one's own conversation has its bytes", {
  skip,
}, async () => {
  const sinceMs = Date.now();
  const id = await startShell("gated");
  const target = `/containers/${id}/attach/ws?${query}`;
  await assert.rejects(WebSocketClient.open(bob.socket, target), /HTTP\/1\.1 40[34]/);
  const console = await attach("gated", id);
  console.send("echo mine; exit\n");
  await console.until(({ isClosed }) => isClosed);
  const records = await eventually(
    async () => (await gate.recorded(sinceMs)).filter(({ action }) => action === "container.attach"),
    (found) => found.length === 2,
  );
  const shown = records.map(({ caller, verdict, status, bytesIn, bytesOut }) =>
    [caller.process?.uid, verdict, status, status === 101 && bytesIn > 0 && bytesOut > 0].join(" "),
  );
  assert.deepEqual(shown.sort(), ["2001 allow 101 true", "2002 deny 403 false"]);
  await remove("gated", id);
});
