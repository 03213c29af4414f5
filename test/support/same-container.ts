// Creates containers from bodies and takes from what the engine then knows of them all that differs from run to run.

import { request } from "./http.ts";
import { at, textAt } from "./json.ts";

const create = "/v1.41/containers/create";

/** What an engine made of a body: the answer and the container's description, or the refusal. Nothing is left behind. */
export async function containerFrom(socket: string, body: string): Promise<unknown> {
  const made = await request(socket, "POST", create, { body });
  if (made.status !== 201) return { status: made.status, message: withoutNumbers(made.text) };
  const id = textAt(made.json, "Id");
  const inspected = await request(socket, "GET", `/v1.41/containers/${id}/json`);
  await request(socket, "DELETE", `/v1.41/containers/${id}?v=1`);
  return { status: made.status, warnings: at(made.json, "Warnings"), container: comparable(inspected.text, id) };
}

/** Times, places, ports that the engine chose; and Runtime, which it fills in later when no HostConfig was sent. */
const chosenByEngine = new Set([
  "Created",
  "StartedAt",
  "FinishedAt",
  "GraphDriver",
  "HostPort",
  "Runtime",
  "SizeRootFs",
]);
/** Lists that engines write in the order of a Go map. */
const unordered = new Set(["Mounts", "Env", "CapAdd", "CapDrop", "EffectiveCaps", "BoundingCaps", "Binds", "Options"]);

function comparable(text: string, id: string): unknown {
  const name = /"Name":"([^"]+)"/.exec(text)?.[1] ?? id;
  const named = text.replaceAll(id, "ID").replaceAll(id.slice(0, 12), "ID").replaceAll(name, "NAME");
  return JSON.parse(named, (key, value: unknown) => {
    if (chosenByEngine.has(key)) return undefined;
    if (key.startsWith("dev.plimsoll.")) return undefined; // who made it, and as which image
    if (unordered.has(key) && Array.isArray(value)) return value.map((item) => JSON.stringify(item)).sort();
    return typeof value === "string" ? withoutNumbers(value) : value;
  });
}

function withoutNumbers(message: string): string {
  return message.replace(/0x[0-9a-f]+/g, "0x").replace(/\b[0-9a-f]{64}\b/g, "HEX");
}
