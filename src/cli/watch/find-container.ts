// The container that a command names, as its engine describes it.

import { PlimsollError } from "../../base/errors.ts";
import { fieldsAt, integerAt, textAt } from "../../base/reading.ts";
import { openEngineClient } from "../../engine/client.ts";
import type { CommandContext, CommandInput } from "../command.ts";
import { configurationOf } from "../configuration/options.ts";
import { engineSocketOf } from "../scan/engine-socket.ts";

export type NamedContainer = {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** Of its first process, in the host's numbers. */
  readonly pid: number;
  /** `80/tcp` */
  readonly declaredPorts: readonly string[];
};

/** @throws PlimsollError NOT_FOUND when there is none, or it does not run; ENGINE_UNREACHABLE */
export async function findContainer(
  context: CommandContext,
  input: CommandInput,
  name: string,
): Promise<NamedContainer> {
  const client = openEngineClient(engineSocketOf(context, configurationOf(context, input)));
  try {
    const found = await client.get(`/containers/${encodeURIComponent(name)}/json`);
    const pid = integerAt(found, "State", "Pid");
    if (found === undefined || pid <= 0) {
      throw new PlimsollError("NOT_FOUND", `no container ${JSON.stringify(name.slice(0, 100))} runs here`, {
        hint: "docker ps lists those that run",
      });
    }
    return {
      id: textAt(found, "Id"),
      name: textAt(found, "Name").replace(/^\//, ""),
      image: textAt(found, "Config", "Image"),
      pid,
      declaredPorts: Object.keys(fieldsAt(found, "Config", "ExposedPorts")),
    };
  } finally {
    client.close();
  }
}
