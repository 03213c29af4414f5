// One body, two ways: as the client wrote it straight to a real engine, and as the gate writes it anew. What the engine
// then knows of the two containers has to be the same; what is ambiguous never gets there.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { type CreateBody, createBodies, spell, spellings } from "../support/create-bodies.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate } from "../support/gate.ts";
import { request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { at, textAt } from "../support/json.ts";
import { understand } from "../support/understand.ts";

const skip = whyNoEngine();
const runs = Number(process.env["PLIMSOLL_FUZZ_RUNS"] ?? 300);
const create = "/v1.41/containers/create";
let engine: TestEngine;

before(async () => {
  if (skip !== undefined) return;
  engine = await startEngine();
  await makeImage(engine.socket, { reference: "bb:1" });
});
after(() => engine?.close());

test("a body that the gate has rewritten makes the same container", { skip }, async () => {
  const seen = { made: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(createBodies("bb:1"), spellings, async (body, spelling) => {
      const written = spell(body, spelling, isDataAt);
      const understood = understand({ method: "POST", target: create, body: written });
      assert.ok("body" in understood, `refused: ${JSON.stringify(understood)} for ${written}`);
      const direct = await make(written);
      const gated = await make(understood.body);
      assert.deepEqual(gated, direct, `differs for ${written}`);
      if (at(direct, "status") === 201) seen.made += 1;
      else seen.refused += 1;
    }),
    { numRuns: runs, endOnFailure: true },
  );
  assert.ok(seen.made > runs / 10, `the engine took ${seen.made} of ${runs} bodies`);
});

test("through the whole gate it is the same container, as the caller sees it", { skip }, async (t) => {
  const gate = await startGate(engine, { mode: "observe" });
  t.after(() => gate.close());
  await fc.assert(
    fc.asyncProperty(createBodies("bb:1"), spellings, async (body, spelling) => {
      const written = spell(body, spelling, isDataAt);
      const direct = await make(written);
      const gated = await make(written, gate.socket);
      assert.deepEqual(gated, direct, `differs for ${written}`);
    }),
    { numRuns: Math.ceil(runs / 3), endOnFailure: true },
  );
});

test("a body with one field twice, under any writing, never gets past the gate", { skip }, async () => {
  fc.assert(
    fc.property(createBodies("bb:1"), spellings, spellings, fc.nat(), (body, first, second, choice) => {
      const twice = withOneFieldTwice(body, first, second, choice);
      const understood = understand({ method: "POST", target: create, body: twice });
      assert.equal("refused" in understood && understood.refused, "request/duplicate-key", twice);
    }),
    { numRuns: runs },
  );
});

const dataPaths: ReadonlySet<string> = new Set([
  "Labels",
  "ExposedPorts",
  "Volumes",
  "HostConfig.PortBindings",
  "HostConfig.Tmpfs",
  "HostConfig.Sysctls",
  "HostConfig.LogConfig.Config",
  "HostConfig.Mounts.[].VolumeOptions.Labels",
  "NetworkingConfig.EndpointsConfig",
]);

function isDataAt(path: readonly string[]): boolean {
  return dataPaths.has(path.join("."));
}

function withOneFieldTwice(
  body: CreateBody,
  first: { choices: readonly number[] },
  second: typeof first,
  choice: number,
): string {
  const keys = Object.keys(body);
  const key = keys[choice % keys.length] ?? "Image";
  const again = spell({ [key]: choice % 2 === 0 ? body[key] : null }, second, isDataAt).trim();
  const whole = spell(body, first, isDataAt).trim();
  return choice % 3 === 0 ? `{${again.slice(1, -1)},${whole.slice(1)}` : `${whole.slice(0, -1)},${again.slice(1)}`;
}

/** Creates, inspects and removes; ids, names and times are taken out. */
async function make(body: string, socket: string = engine.socket): Promise<unknown> {
  const made = await request(socket, "POST", create, { body });
  if (made.status !== 201) return { status: made.status, message: withoutNumbers(made.text) };
  const id = textAt(made.json, "Id");
  const inspected = await request(socket, "GET", `/v1.41/containers/${id}/json`);
  await request(socket, "DELETE", `/v1.41/containers/${id}?v=1`);
  return { status: made.status, warnings: at(made.json, "Warnings"), container: comparable(inspected.text, id) };
}

function comparable(text: string, id: string): unknown {
  const name = /"Name":"([^"]+)"/.exec(text)?.[1] ?? id;
  return JSON.parse(
    text.replaceAll(id, "ID").replaceAll(id.slice(0, 12), "ID").replaceAll(name, "NAME"),
    (key, value: unknown) => {
      // Runtime: without a HostConfig the engine fills in its default at the start; the gate always sends one.
      if (key === "Created" || key === "GraphDriver" || key === "Runtime") return undefined;
      if (key.startsWith("dev.plimsoll.")) return undefined; // who made it, and as which image
      if (key === "Mounts" && Array.isArray(value)) return value.map((mount) => JSON.stringify(mount)).sort();
      return typeof value === "string" ? value.replace(/\b[0-9a-f]{64}\b/g, "HEX") : value;
    },
  );
}

/** Go prints maps and addresses in no order that lasts. */
function withoutNumbers(message: string): string {
  return message.replace(/0x[0-9a-f]+/g, "0x").replace(/\b[0-9a-f]{64}\b/g, "HEX");
}
