// Profiles in front of a swarm: what the tasks of a service can do, and which services are refused. Played with engines of
// different age.

import type { TestEngine } from "./engine.ts";
import { eventually } from "./eventually.ts";
import { startGate, type TestGate } from "./gate.ts";
import { demux, type Reply, request } from "./http.ts";
import { makeImage } from "./images.ts";
import { at, listAt, textAt } from "./json.ts";

export const carriedByAll: string = [
  "name: tight",
  "images: [web]",
  "capabilities: [NET_BIND_SERVICE]",
  "readOnlyRoot: { writable: [/tmp] }",
  "pidsLimit: 64",
  "memory: 64 MiB",
  "user: 1000:1000",
].join("\n");

const script = [
  "id -u",
  ...["CapBnd", "NoNewPrivs", "^Seccomp:"].map((name) => `grep ${name} /proc/self/status`),
  "mkdir /tmp/folder 2>/dev/null && echo made || echo refused",
  "touch /tmp/file && echo written",
  "touch /file 2>/dev/null || echo read-only",
  "grep -o ' /tmp tmpfs [a-z,]*' /proc/mounts",
  "echo end; sleep 1000",
].join("; ");

/** @returns why there can be no swarm here; undefined when there is one */
export async function startSwarm(engine: TestEngine): Promise<string | undefined> {
  const swarm = await request(engine.socket, "POST", "/swarm/init", {
    body: { ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1:2377" },
    timeoutMs: 60_000,
  });
  return swarm.status === 200 ? undefined : `no swarm here: ${swarm.text}`;
}

/** A gate whose callers may make services. */
export async function gateOfSwarm(engine: TestEngine, profile: string): Promise<TestGate> {
  await makeImage(engine.socket, { reference: "web:1" });
  await makeImage(engine.socket, { reference: "other:1", files: [{ name: "other", data: "x" }] });
  const grant = `@id("swarm") permit (principal, action == Action::"grant", resource == Grant::"engine.swarm");`;
  return startGate(engine, {
    files: { "profiles/tight.yaml": profile, "own.cedar": grant },
    policies: ["baseline", "$FOLDER/own.cedar"],
    configuration: { profiles: "$FOLDER/profiles" },
  });
}

/** @param version of the API, `/v1.40`; default: the newest that the engine has */
export function makeService(gate: TestGate, image: string, more: object = {}, version = ""): Promise<Reply> {
  const ContainerSpec = { Image: image, Command: ["sh", "-c", script], ...more };
  const name = `s${Math.random().toString(36).slice(2, 10)}`;
  const body = { Name: name, TaskTemplate: { ContainerSpec, RestartPolicy: { Condition: "none" } } };
  return request(gate.socket, "POST", `${version}/services/create`, { body, timeoutMs: 60_000 });
}

/** What the task of a service says of itself, and its container. */
export async function taskOf(
  engine: TestEngine,
  service: string,
): Promise<{ readonly lines: readonly string[]; readonly id: string; readonly host: unknown }> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`com.docker.swarm.service.id=${service}`] }));
  const list = await eventually(
    () => request(engine.socket, "GET", `/containers/json?all=1&filters=${filters}`),
    ({ text }) => text.includes('"Id"'),
  );
  const id = textAt(listAt({ list: list.json }, "list")[0], "Id");
  const output = await eventually(
    async () => demux((await request(engine.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`)).body),
    (text) => text.endsWith("end\n"),
  );
  const inspected = await request(engine.socket, "GET", `/containers/${id}/json`);
  return { lines: output.split("\n").slice(0, -2), id, host: at(inspected.json, "HostConfig") };
}

export async function removeService(engine: TestEngine, id: string): Promise<void> {
  await request(engine.socket, "DELETE", `/services/${id}`);
}
