// The tests of ordinary containers; on this host, and in the guest.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sensor } from "../../../src/model/watch.ts";
import { openSensor } from "../../../src/watch/open-sensor.ts";
import { type TestEngine, whyNoEngine } from "../engine.ts";
import { startPatientEngine } from "../guest/patient-engine.ts";
import { demux, request } from "../http.ts";
import { makeImage } from "../images.ts";
import { at, textAt } from "../json.ts";
import { here } from "./attack-table.ts";
import { createBody, ordinaryProtection, works } from "./ordinary.ts";
import { importOrdinary, ordinaryImage, ordinaryRoot } from "./ordinary-image.ts";
import { startWitness, type Told, type Witness } from "./witness.ts";

const patience = { timeoutMs: 240_000 };
/** The emulated guest needs seconds of its processors for each. */
const atOnce = here === "guest" ? 15 : 50;

export async function testOrdinary(): Promise<void> {
  const root = whyNoEngine() === undefined ? await ordinaryRoot() : { why: whyNoEngine() ?? "" };
  const skip = "why" in root ? root.why : false;
  const bench: { engine?: TestEngine; sensor?: Sensor; witness?: Witness } = {};
  before(async () => {
    if ("why" in root) return;
    bench.engine = await startPatientEngine();
    await makeImage(bench.engine.socket);
    await importOrdinary(bench.engine.socket, root.archive);
    bench.sensor = await openSensor();
    bench.witness = startWitness({ sensor: bench.sensor, levels: ordinaryProtection().levels });
  });
  after(async () => {
    await bench.sensor?.close({ keepEnforcing: false });
    await bench.engine?.close();
  });
  const parts = (): { engine: TestEngine; sensor: Sensor; witness: Witness } => {
    const { engine, sensor, witness } = bench;
    if (engine === undefined || sensor === undefined || witness === undefined) throw new Error("nothing was started");
    return { engine, sensor, witness };
  };
  const call = (method: string, path: string, body?: unknown): ReturnType<typeof request> =>
    request(parts().engine.socket, method, path, body === undefined ? patience : { ...patience, body });
  const create = async (body: unknown, drift: "off" | "block" = "block"): Promise<string> => {
    const made = await call("POST", "/containers/create", body);
    if (made.status !== 201) throw new Error(made.text);
    const id = textAt(made.json, "Id");
    parts().sensor.protect(id, ordinaryProtection(drift));
    return id;
  };
  const finished = async (id: string): Promise<unknown> => {
    const waited = await call("POST", `/containers/${id}/wait`);
    const logs = await call("GET", `/containers/${id}/logs?stdout=1&stderr=1`);
    await call("DELETE", `/containers/${id}?force=1&v=1`);
    await parts().witness.settled(id);
    const exitCode = at(waited.json, "StatusCode");
    return { ...quietOf(parts().witness.of(id)), exitCode, said: exitCode === 0 ? "" : demux(logs.body) };
  };

  for (const work of works) {
    test(`${work.name}: nothing is stopped, no program is told of twice`, { skip }, async () => {
      const id = await create(createBody(work), work.drift);
      await call("POST", `/containers/${id}/start`);
      assert.deepEqual(await finished(id), { stopped: [], toldTwice: [], exitCode: 0, said: "" });
    });
  }

  test("docker exec, a health check and a restart are nobody's business", { skip }, async () => {
    const Healthcheck = { Test: ["CMD-SHELL", "test -e /etc/passwd"], Interval: 1e9, Timeout: 30e9 };
    const sleeper = {
      Image: ordinaryImage,
      Cmd: ["sleep", "1000"],
      Healthcheck,
      HostConfig: { NetworkMode: "none", Init: true },
    };
    const id = await create(sleeper);
    await call("POST", `/containers/${id}/start`);
    const health = await untilHealthy(() => call("GET", `/containers/${id}/json`));
    const exec = await call("POST", `/containers/${id}/exec`, { AttachStdout: true, Cmd: ["sh", "-c", "id; ls /"] });
    const ran = await call("POST", `/exec/${textAt(exec.json, "Id")}/start`, { Detach: false, Tty: false });
    await call("POST", `/containers/${id}/restart?t=1`);
    const again = await untilHealthy(() => call("GET", `/containers/${id}/json`));
    await call("POST", `/containers/${id}/kill`);
    const { stopped, toldTwice } = quietOf(parts().witness.of(id));
    await finished(id);
    assert.deepEqual(
      { health, again, isRoot: ran.text.includes("uid=0"), stopped, toldTwice },
      { health: "healthy", again: "healthy", isRoot: true, stopped: [], toldTwice: [] },
    );
  });

  test(`${atOnce} containers at once run to their end`, { skip }, async () => {
    const body = { Image: "bb:1", Cmd: ["sh", "-c", "echo $((6*7)); /bin/true"], HostConfig: { NetworkMode: "none" } };
    const ids = await Promise.all(Array.from({ length: atOnce }, () => create(body)));
    await Promise.all(ids.map((id) => call("POST", `/containers/${id}/start`)));
    const ends = await Promise.all(ids.map((id) => finished(id)));
    const good = { stopped: [], toldTwice: [], exitCode: 0, said: "" };
    assert.deepEqual(
      ends,
      Array.from(ends, () => good),
    );
  });
}

async function untilHealthy(inspect: () => ReturnType<typeof request>): Promise<string> {
  for (let tries = 0; ; tries++) {
    const status = String(at((await inspect()).json, "State", "Health", "Status"));
    if (status === "healthy" || tries > 300) return status;
    await sleep(200);
  }
}

/** What may not be: events that the kernel did not let be, and programs with more than one alert. */
function quietOf(told: readonly Told[]): {
  readonly stopped: readonly string[];
  readonly toldTwice: readonly string[];
} {
  const stopped = told.filter(({ event }) => event.verdict !== "seen").map(tell);
  const byProgram = Map.groupBy(
    told.filter(({ rules }) => rules.length > 0),
    ({ event }) => event.process.name,
  );
  const toldTwice = [...byProgram.values()]
    .filter((alerts) => alerts.length > 1)
    .map((alerts) => alerts.map(tell).join("; "));
  return { stopped, toldTwice };
}

function tell({ event, rules }: Told): string {
  const { process, kind, verdict, path, argv } = event;
  return `${process.name}: ${kind} ${verdict} ${path} ${argv.join(" ")} [${rules.join(" ")}] ${JSON.stringify(event.details)}`.slice(
    0,
    300,
  );
}
