// Takes a container off its networks, by its engine.

import { fieldsAt, textAt } from "../base/reading.ts";
import type { EngineClient } from "../engine/engine.ts";

/** @returns names of the networks that it was in @throws Error when it shares the network of something else */
export async function disconnectNetworks(containerId: string, engine: EngineClient): Promise<readonly string[]> {
  const found = await engine.get(`/containers/${encodeURIComponent(containerId)}/json`);
  const mode = textAt(found, "HostConfig", "NetworkMode");
  if (mode === "host" || mode.startsWith("container:")) throw new Error(`it uses the network of ${mode}`);
  const networks = Object.keys(fieldsAt(found, "NetworkSettings", "Networks")).filter((name) => name !== "none");
  for (const network of networks) {
    const body = { Container: containerId, Force: true };
    await engine.post(`/networks/${encodeURIComponent(network)}/disconnect`, body);
  }
  return networks;
}
