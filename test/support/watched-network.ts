// Containers of a real engine that are watched by the real service, with a name server and hosts behind a route: what tests of
// names and conversations share. Call it at the top of the file.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import type { Alert, ContainerProtection } from "../../src/model/watch.ts";
import { openWatchStore } from "../../src/store/watch-store.ts";
import { shippedRules } from "../../src/watch/rules/load-rules.ts";
import { openWatchService, type WatchService } from "../../src/watch/service/watch-service.ts";
import { startEngine, type TestEngine, whyNoEngine } from "./engine.ts";
import { startFarNetwork } from "./far-network.ts";
import { demux, request } from "./http.ts";
import { makeImage } from "./images.ts";
import { textAt } from "./json.ts";
import { type Answering, type NameRecord, startNameServer } from "./name-server.ts";
import { enterOwnNetwork } from "./own-network.ts";
import { makeTesterImage } from "./testers.ts";
import { protect } from "./watched.ts";

export const farHosts: readonly string[] = [
  ...["203.0.113.7", "203.0.113.8", "203.0.113.9", "2001:db8:f::7", "2001:db8:f::8"],
];

export type WatchedNetwork = {
  readonly skip: string | false;
  readonly engine: () => TestEngine;
  readonly service: () => WatchService;
  /** Of the default bridge, where the name server is. */
  readonly gateway: () => string;
  /** What each name stands for; tests change it. */
  readonly zone: Map<string, readonly string[]>;
  readonly alerts: readonly Alert[];
  readonly notices: readonly string[];
  /** Runs shell commands in a container to their end. @returns what they said */
  readonly run: (script: string, protection: ContainerProtection, more?: RunMore) => Promise<string>;
  /** Makes, announces and starts one. */
  readonly start: (script: string, protection: ContainerProtection, more?: RunMore) => Promise<string>;
  readonly remove: (id: string) => Promise<void>;
  /** What it said so far. */
  readonly logs: (id: string) => Promise<string>;
};

export type RunMore = {
  readonly name?: string;
  readonly image?: string;
  readonly host?: Readonly<Record<string, unknown>>;
};

/** @param options of the service, beside the usual */
export function watchedNetwork(options: { readonly withAllRules?: boolean } = {}): WatchedNetwork {
  const skip = whyNoEngine() ?? false;
  const zone = new Map<string, readonly string[]>();
  const alerts: Alert[] = [];
  const notices: string[] = [];
  const opened = new AsyncDisposableStack();
  let found: { readonly engine: TestEngine; readonly service: WatchService; readonly gateway: string } | undefined;
  const there = (): NonNullable<typeof found> => {
    if (found === undefined) throw new Error("the suite has not begun");
    return found;
  };
  before(async () => {
    if (skip !== false) return;
    const { engine, gateway } = await openNetwork(opened, zone);
    const service = openService(opened, { engine, gateway, notices, withAllRules: options.withAllRules ?? false });
    service.alerts.onAlert((alert) => alerts.push(alert));
    const state = await service.settled();
    assert.equal(state.kind, "on", JSON.stringify(state));
    found = { engine, service, gateway };
  });
  after(() => opened.disposeAsync());
  const start: WatchedNetwork["start"] = async (script, protection, { name = "", image = "box:1", host = {} } = {}) => {
    const { engine, service, gateway } = there();
    const sysctls = { "net.ipv6.conf.all.disable_ipv6": "0" };
    const body = { Image: image, Cmd: ["sh", "-c", script], HostConfig: { Dns: [gateway], Sysctls: sysctls, ...host } };
    const made = await request(engine.socket, "POST", `/containers/create${name === "" ? "" : `?name=${name}`}`, {
      body,
    });
    assert.equal(made.status, 201, made.text);
    const id = textAt(made.json, "Id");
    const container = { ...{ id, name: name || "web", engine: "docker", image }, imageId: "", owner: "", labels: {} };
    await service.protect(container, protection);
    const started = await request(engine.socket, "POST", `/containers/${id}/start`);
    assert.equal(started.status, 204, started.text);
    return id;
  };
  const remove = async (id: string): Promise<void> => {
    await request(there().engine.socket, "DELETE", `/containers/${id}?force=1`);
    there().service.forget(id);
  };
  const logs = async (id: string): Promise<string> => {
    const found = await request(there().engine.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`);
    return demux(found.body);
  };
  return {
    ...{ skip, zone, alerts, notices, start, remove, logs },
    engine: () => there().engine,
    service: () => there().service,
    gateway: () => there().gateway,
    async run(script, protection, more) {
      const id = await start(script, protection, more);
      await request(there().engine.socket, "POST", `/containers/${id}/wait`);
      const said = await logs(id);
      await remove(id);
      return said;
    },
  };
}

async function openNetwork(
  opened: AsyncDisposableStack,
  zone: ReadonlyMap<string, readonly string[]>,
): Promise<{ readonly engine: TestEngine; readonly gateway: string }> {
  enterOwnNetwork();
  const engine = await startEngine({
    ...{ network: true, sharesNetwork: true },
    args: ["--ipv6", "--fixed-cidr-v6=fd00:d0c::/64"],
  });
  opened.defer(() => engine.close());
  await makeImage(engine.socket, { reference: "box:1" });
  await makeTesterImage(engine.socket);
  const bridge = execFileSync("ip", ["-4", "addr", "show", "docker0"], { encoding: "utf8" });
  const gateway = /inet ([\d.]+)/.exec(bridge)?.[1] ?? "";
  const far = await startFarNetwork(farHosts, ["fd00:d0c::/64"]);
  opened.defer(() => far.close());
  execFileSync("sysctl", ["-qw", "net.ipv6.conf.all.forwarding=1"]);
  const server = await startNameServer(answerFrom(zone), gateway, 53);
  opened.defer(() => server.close());
  return { engine, gateway };
}

function answerFrom(zone: ReadonlyMap<string, readonly string[]>): Answering {
  return (name, type) => {
    const addresses = zone.get(name);
    if (addresses === undefined) return "none";
    const fitting = addresses.filter((each) => each.includes(":") === (type === "AAAA"));
    return fitting.map((address): NameRecord => ({ kind: "address", address, ttl: 5 }));
  };
}

type ServiceParts = {
  readonly engine: TestEngine;
  readonly gateway: string;
  readonly notices: string[];
  readonly withAllRules: boolean;
};

function openService(opened: AsyncDisposableStack, parts: ServiceParts): WatchService {
  const { engine, gateway, notices, withAllRules } = parts;
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-network-"));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const store = openWatchStore(folder);
  opened.defer(() => store.close());
  const service = openWatchService({
    ...{ store, notice: (text) => notices.push(text), nowMs: () => Date.now() },
    settings: {
      ...{ socketPath: join(folder, "watch.sock"), engineSocket: engine.socket, engineHeaders: {} },
      ...{ ruleFiles: [shippedRules], withAllRules, unknown: protect({}), nameServers: [`${gateway}:53`] },
      ...{ pinFolder: "", codeFolder: "", evidenceFolder: join(folder, "evidence"), evidenceMaxBytes: 16 << 20 },
    },
  });
  opened.defer(() => service.close());
  return service;
}
